import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// How connections are encrypted.
public struct ClientTLSOptions: Sendable, Hashable {
    /// A file with the certificates of the authorities to trust; those of the system if not given.
    public var authorityFile: String?
    /// A file with the certificate to show.
    public var certificateFile: String?
    /// The file with its key.
    public var keyFile: String?
    /// The name that the server's certificate must have, where it is not the host.
    public var serverName: String?
    /// Whether any certificate is taken.
    public var skipsVerification = false

    /// Makes options that trust what the system trusts.
    public init() {}
}

/// The contexts of TLS by options: made once, and anew when the files have changed.
final class ClientTLSContexts: Sendable {
    private struct Material: Equatable {
        var files: [String: [UInt8]] = [:]
    }

    private let made = Mutex<[ClientTLSOptions: (material: Material, context: NIOSSLContext)]>([:])

    /// - Throws: `HTTPClientError` that names the file that cannot be used.
    func context(_ options: ClientTLSOptions, _ url: HTTPURL) throws(HTTPClientError) -> NIOSSLContext {
        var material = Material()
        for file in [options.authorityFile, options.certificateFile, options.keyFile].compactMap({ $0 }) {
            guard let bytes = Self.read(file) else {
                throw HTTPClientError(.tls, url, "cannot read \(file): \(String(cString: strerror(errno)))")
            }
            material.files[file] = bytes
        }
        if let known = made.withLock({ $0[options] }), known.material == material { return known.context }
        let context = try Self.make(options, material, url)
        made.withLock { $0[options] = (material, context) }
        return context
    }

    private static func make(
        _ options: ClientTLSOptions,
        _ material: Material,
        _ url: HTTPURL
    ) throws(HTTPClientError) -> NIOSSLContext {
        func certificates(_ file: String) throws(HTTPClientError) -> [NIOSSLCertificate] {
            guard let found = try? NIOSSLCertificate.fromPEMBytes(material.files[file] ?? []), !found.isEmpty else {
                throw HTTPClientError(.tls, url, "\(file) holds no certificate in PEM format")
            }
            return found
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = options.skipsVerification ? .none : .fullVerification
        if let file = options.authorityFile { configuration.trustRoots = .certificates(try certificates(file)) }
        if let file = options.certificateFile {
            configuration.certificateChain = try certificates(file).map { .certificate($0) }
        }
        if let file = options.keyFile {
            guard let key = try? NIOSSLPrivateKey(bytes: material.files[file] ?? [], format: .pem) else {
                throw HTTPClientError(.tls, url, "\(file) holds no private key in PEM format, or an encrypted one")
            }
            configuration.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw HTTPClientError(.tls, url, "the client's certificate cannot be used: \(error)")
        }
    }

    private static let fileLimit = 1 << 20

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while bytes.count < fileLimit {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += piece[..<count]
        }
        return bytes
    }
}
