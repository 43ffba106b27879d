internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Synchronization

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
    private let clientNames: ClientNames?
    private let state: Mutex<State>

    /// Reads the files.
    init(_ files: ServerTLSFiles) throws(HTTPServerError) {
        self.files = files
        clientNames = files.clientNames.isEmpty ? nil : ClientNames(files.clientNames)
        let stamps = Self.stamps(files)
        state = Mutex(State(stamps: stamps, context: try Self.make(files)))
    }

    /// Puts TLS in front of a connection; what keeps newer files from being used, once for each change.
    func addHandlers(to channel: any Channel) throws -> HTTPServerError? {
        let (context, problem) = context()
        let handler =
            switch files.clientCertificates {
            case .notAsked, .verifiedIfGiven, .verified:
                NIOSSLServerHandler(context: context)
            case .requested, .anyRequired:
                // Whose it is, is nobody's concern: that is what these two mean.
                NIOSSLServerHandler(context: context) { _, promise in promise.succeed(.certificateVerified) }
            }
        try channel.pipeline.syncOperations.addHandler(handler)
        if let clientNames { try channel.pipeline.syncOperations.addHandler(ClientNameHandler(clientNames, handler)) }
        return problem
    }

    /// The context for a new connection.
    private func context() -> (NIOSSLContext, problem: HTTPServerError?) {
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
        configuration.minimumTLSVersion = files.minimumVersion.ofLibrary
        configuration.maximumTLSVersion = files.maximumVersion.ofLibrary
        choose(files.cipherSuites, in: &configuration)
        if !files.curves.isEmpty { configuration.curves = files.curves.map { NIOTLSCurve(rawValue: $0.code) } }
        if files.clientCertificates.areVerified, let path = files.clientAuthorities {
            configuration.trustRoots = .certificates(try certificates(path))
            // Clients with several certificates know then which one to show.
            configuration.sendCANameList = true
        }
        configuration.certificateVerification = files.clientCertificates.verification
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .unusableTLSFile(path: files.key, problem: "does not belong to the certificate \(files.certificate)")
        }
    }

    /// Those of TLS 1.3 cannot be chosen; whoever names no others speaks nothing else.
    private static func choose(_ suites: [ServerTLSFiles.CipherSuite], in configuration: inout TLSConfiguration) {
        guard !suites.isEmpty else { return }
        let others = suites.filter { !$0.isOfTLS13 }
        if others.isEmpty {
            configuration.minimumTLSVersion = .tlsv13
        } else {
            configuration.cipherSuiteValues = others.map { NIOTLSCipher(rawValue: $0.code) }
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

extension ServerTLSFiles.Version {
    fileprivate var ofLibrary: TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}

extension ServerTLSFiles.ClientCertificates {
    /// The host name of a client is nobody's concern.
    fileprivate var verification: CertificateVerification {
        switch self {
        case .notAsked: .none
        case .requested, .verifiedIfGiven: .optionalVerification
        case .anyRequired, .verified: .noHostnameVerification
        }
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
