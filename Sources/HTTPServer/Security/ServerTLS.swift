internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The files for HTTPS, in PEM format.
public struct ServerTLSFiles: Sendable, Hashable {
    /// The oldest version of the protocol that clients may speak.
    public enum Version: Sendable, Hashable {
        /// Not safe any more.
        case tls10
        /// Not safe any more.
        case tls11
        /// Safe with the right ciphers.
        case tls12
        /// The newest.
        case tls13
    }

    /// The server's certificate, and those between it and the authority.
    public var certificate: String
    /// The key of the certificate.
    public var key: String
    /// Authorities of which clients must show a certificate; `nil` where they need none.
    public var clientAuthorities: String?
    /// The oldest version.
    public var minimumVersion: Version

    /// Names the files; they are read when the server starts, and again when they have changed.
    public init(
        certificate: String,
        key: String,
        clientAuthorities: String? = nil,
        minimumVersion: Version = .tls12
    ) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
        self.minimumVersion = minimumVersion
    }
}

/// The TLS of a server: what its files hold now.
///
/// Whether the files are new is asked for each connection, which takes a microsecond a file; where new ones cannot be
/// used, those before stay in use.
final class ServerTLS: Sendable {
    private struct State {
        var stamps: [FileStamp]
        var context: NIOSSLContext
    }

    private let files: ServerTLSFiles
    private let state: Mutex<State>

    /// Reads the files.
    init(_ files: ServerTLSFiles) throws(HTTPServerError) {
        self.files = files
        let stamps = Self.stamps(files)
        state = Mutex(State(stamps: stamps, context: try Self.make(files)))
    }

    /// The context for a new connection, and what keeps newer files from being used, once for each change.
    func context() -> (NIOSSLContext, problem: HTTPServerError?) {
        let stamps = Self.stamps(files)
        return state.withLock { state in
            guard stamps != state.stamps else { return (state.context, nil) }
            state.stamps = stamps
            do throws(HTTPServerError) {
                state.context = try Self.make(files)
                return (state.context, nil)
            } catch {
                return (state.context, error)
            }
        }
    }

    private static func make(_ files: ServerTLSFiles) throws(HTTPServerError) -> NIOSSLContext {
        let chain = try certificates(files.certificate)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw .unusableTLSFile(path: files.key, problem: problem(files.key) ?? "holds no private key in PEM format")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        configuration.minimumTLSVersion =
            switch files.minimumVersion {
            case .tls10: .tlsv1
            case .tls11: .tlsv11
            case .tls12: .tlsv12
            case .tls13: .tlsv13
            }
        if let path = files.clientAuthorities {
            configuration.trustRoots = .certificates(try certificates(path))
            // The host name of a client is nobody's concern.
            configuration.certificateVerification = .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .unusableTLSFile(path: files.key, problem: "does not belong to the certificate \(files.certificate)")
        }
    }

    private static func certificates(_ path: String) throws(HTTPServerError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw .unusableTLSFile(path: path, problem: problem(path) ?? "holds no certificate in PEM format")
        }
        return certificates
    }

    /// Why the file cannot be read at all.
    private static func problem(_ path: String) -> String? {
        access(path, R_OK) == 0 ? nil : String(cString: strerror(errno))
    }

    private static func stamps(_ files: ServerTLSFiles) -> [FileStamp] {
        [files.certificate, files.key, files.clientAuthorities].compactMap { $0.map(FileStamp.init) }
    }
}

/// What changes when a file is written or replaced.
private struct FileStamp: Equatable {
    private var inode: UInt = 0
    private var size = 0
    /// When it was written, as the system has it.
    private var modified: [UInt8] = []

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        // As bytes: which module declares the fields is another one in a static build.
        modified = withUnsafeBytes(of: status.st_mtim) { Array($0) }
    }
}
