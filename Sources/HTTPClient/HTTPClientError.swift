import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why a request has no answer.
public struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of reason it is; the raw value is for the label of a metric.
    public enum Reason: String, Sendable, CaseIterable {
        /// Nobody listens.
        case refused
        /// There is no way to the host.
        case unreachable
        /// The name of the host stands for no address.
        case dns
        /// It took longer than it may.
        case timeout
        /// The encryption failed: a certificate that does not fit, or no TLS at all.
        case tls
        /// The connection ended before the answer was there.
        case incomplete
        /// What came is no HTTP.
        case `protocol`
        /// Redirects lead in a circle, too far, or to no address.
        case redirects
        /// Whoever asked does not wait any more.
        case cancelled
        /// Something else.
        case other
    }

    /// What kind of reason it is.
    public let reason: Reason
    /// What happened.
    public let problem: String
    private let origin: String

    /// What happened, to which host.
    public var description: String {
        "\(origin): \(problem)"
    }

    init(_ reason: Reason, _ url: HTTPURL, _ problem: String) {
        self.reason = reason
        self.problem = problem
        origin = url.origin
    }

    init(_ error: any Error, _ url: HTTPURL) {
        switch error {
        case let error as HTTPClientError: self = error
        case let error as NIOConnectionError: self.init(connecting: error, url)
        case is CancellationError: self.init(.cancelled, url, "the request was cancelled")
        case ChannelError.connectTimeout: self.init(.timeout, url, "no connection in time")
        case let error as IOError: self.init(error, url)
        case NIOSSLError.uncleanShutdown: self.init(.incomplete, url, "the connection was cut")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self.init(.tls, url, Self.tlsProblem(error, url))
        case is ChannelError: self.init(.incomplete, url, "the connection was closed before the answer was there")
        default: self.init(.other, url, "\(error)")
        }
    }

    /// What ends the connection before TLS is agreed upon is a matter of TLS: whether the end or the bytes before it
    /// are seen first is chance.
    init(duringHandshake error: any Error, _ url: HTTPURL) {
        self.init(error, url)
        guard reason == .incomplete else { return }
        self.init(.tls, url, "the connection was closed during the TLS handshake; does the port speak TLS?")
    }

    private init(connecting error: NIOConnectionError, _ url: HTTPURL) {
        let failures = error.connectionErrors.map { HTTPClientError($0.error, url) }
        if let failure = failures.first(where: { $0.reason == .refused }) ?? failures.first {
            self = failure
        } else if error.dnsAError != nil || error.dnsAAAAError != nil {
            self.init(.dns, url, "the name of the host cannot be resolved")
        } else {
            self.init(.timeout, url, "no connection in time")
        }
    }

    private init(_ error: IOError, _ url: HTTPURL) {
        let problem = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
        case ECONNREFUSED: self.init(.refused, url, "connection refused")
        case ENETUNREACH, EHOSTUNREACH: self.init(.unreachable, url, problem)
        case ETIMEDOUT: self.init(.timeout, url, problem)
        case ECONNRESET, EPIPE: self.init(.incomplete, url, "the connection was reset before the answer was there")
        default: self.init(.other, url, problem)
        }
    }

    /// In plain words what BoringSSL says by the names of `include/openssl/ssl.h`.
    private static func tlsProblem(_ error: any Error, _ url: HTTPURL) -> String {
        let text = "\(error)"
        if error as? NIOSSLExtraError == .failedToValidateHostname || text.contains("unableToValidateCertificate") {
            return "the certificate is for another name than \(url.host)"
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "the certificate is not trusted: expired, or of an authority that is not known here (ca_file)"
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("EOF during handshake") {
            return "the port does not speak TLS"
        }
        return "TLS failed: \(text)"
    }
}
