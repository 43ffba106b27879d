import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension ConnectionFault {
    /// What NIO says when no connection came about.
    init(connecting error: any Error, for time: Duration) {
        switch error {
        case let error as NIOConnectionError:
            // The name may stand for several addresses; that one of them refused says most.
            let failures = error.connectionErrors.map { ConnectionFault(connecting: $0.error, for: time) }
            let refused = ConnectionFault.cannotConnect(errno: ECONNREFUSED)
            if let failure = failures.first(where: { $0 == refused }) ?? failures.first {
                self = failure
            } else {
                self = error.dnsAError == nil && error.dnsAAAAError == nil ? .connectTimeout(time) : .unresolvedHost
            }
        case ChannelError.connectTimeout:
            self = .connectTimeout(time)
        case let error as IOError:
            self = .cannotConnect(errno: error.errnoCode)
        case SocketAddressError.unixDomainSocketPathTooLong:
            self = .socketPathTooLong
        default:
            self = .other("\(error)")
        }
    }

    /// What NIO or NIOSSL says on an open connection; `nil` when it only means that the other side closed it.
    init?(caught error: any Error, options: ConnectionOptions, certificate: NIOSSLCertificate?) {
        switch error {
        case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
            return nil
        case let error as IOError:
            self = .broken(errno: error.errnoCode)
        case NIOSSLError.uncleanShutdown:
            return nil
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self = .tls(TLSFault(error, options: options, certificate: certificate, now: time(nil)))
        default:
            self = .other("\(error)")
        }
    }
}

extension TLSFault {
    /// Reads an error of NIOSSL, whose names are those of BoringSSL (`include/openssl/ssl.h`).
    ///
    /// - Parameters:
    ///   - certificate: What the server showed, to say more than that it was not accepted.
    ///   - now: In seconds since 1970.
    init(_ error: any Error, options: ConnectionOptions, certificate: NIOSSLCertificate?, now: time_t) {
        let text = "\(error)"
        let hasClientCertificate = options.tls.certificateFile != nil
        if error as? NIOSSLExtraError == .failedToValidateHostname || text.contains("unableToValidateCertificate") {
            self = .wrongName(expected: options.tls.serverName ?? options.address.host)
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
            if let certificate, certificate.notValidAfter < now {
                self = .expired(day: dayText(certificate.notValidAfter))
            } else if let certificate, certificate.notValidBefore > now {
                self = .notYetValid(day: dayText(certificate.notValidBefore))
            } else {
                self = .untrusted(hasAuthority: options.tls.authorityFile != nil)
            }
        } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("EOF during handshake") {
            self = .notTLS
        } else if text.contains("CERTIFICATE_REQUIRED") || text.contains("ALERT_BAD_CERTIFICATE")
            || text.contains("ALERT_UNKNOWN_CA") || text.contains("ALERT_CERTIFICATE")
            || text.contains("ALERT_UNSUPPORTED_CERTIFICATE") || text.contains("ALERT_HANDSHAKE_FAILURE")
        {
            self = .clientCertificateRefused(given: hasClientCertificate)
        } else {
            self = .other(text)
        }
    }
}

extension TargetAddress {
    fileprivate var host: String {
        switch endpoint {
        case .tcp(let host, _): host
        case .unix(let path): path
        }
    }
}

/// The day in UTC, as in `2026-01-31`.
private func dayText(_ seconds: time_t) -> String {
    var seconds = seconds
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "an unknown day" }
    func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
    return "\(parts.tm_year + 1900)-\(twoDigits(parts.tm_mon + 1))-\(twoDigits(parts.tm_mday))"
}
