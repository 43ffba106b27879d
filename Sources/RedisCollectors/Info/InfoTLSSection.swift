import Metrics

/// Rows for the section TLS of INFO, which Valkey has.
enum InfoTLSSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "tls_server_cert_expires_in_seconds", "redis_tls_server_certificate_expires_in_seconds", .gauge, .seconds,
            since: "Valkey 9.1",
            help: "Seconds until the certificate that the server shows to clients expires."
        ),
        MetricRow(
            "tls_client_cert_expires_in_seconds", "redis_tls_client_certificate_expires_in_seconds", .gauge, .seconds,
            since: "Valkey 9.1",
            help: "Seconds until the certificate that the server shows to other servers expires."
        ),
        MetricRow(
            "tls_ca_cert_expires_in_seconds", "redis_tls_ca_certificate_expires_in_seconds", .gauge, .seconds,
            since: "Valkey 9.1",
            help: "Seconds until the certificate of the authority that the server trusts expires."
        ),
    ]

    /// Serial numbers, each before the time of the same certificate, and `none` where there is no such certificate; the
    /// time is zero then.
    static let serialFields = [
        "tls_server_cert_serial", "tls_client_cert_serial", "tls_ca_cert_serial",
    ]
}
