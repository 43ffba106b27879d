import Files
import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// What a TLS connection starts from.
struct TLSSession: Sendable {
    let context: NIOSSLContext
    /// For SNI and verification; `nil` for an IP address, which is verified as such.
    let serverName: String?
}

/// Contexts shared by all connections with the same options.
///
/// Files are read each time, and a context is made anew when they have changed: one context with the system's
/// authorities takes a megabyte and some milliseconds.
final class TLSContexts: Sendable {
    private struct Material: Equatable {
        var authorities: [UInt8]?
        var certificate: [UInt8]?
        var key: [UInt8]?
    }

    private let made = Mutex<[TLSOptions: (material: Material, context: NIOSSLContext)]>([:])

    func session(_ options: ConnectionOptions) throws(TLSFault) -> TLSSession {
        TLSSession(context: try context(options.tls), serverName: Self.serverName(options))
    }

    private func context(_ options: TLSOptions) throws(TLSFault) -> NIOSSLContext {
        // The name is given per connection.
        var key = options
        key.serverName = nil
        let material = Material(
            authorities: try options.authorityFile.map(Self.read),
            certificate: try options.certificateFile.map(Self.read),
            key: try options.keyFile.map(Self.read)
        )
        if let known = made.withLock({ $0[key] }), known.material == material {
            return known.context
        }
        let context = try Self.make(material, options)
        made.withLock { $0[key] = (material, context) }
        return context
    }

    private static func make(_ material: Material, _ options: TLSOptions) throws(TLSFault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.shutdownTimeout = .seconds(1)
        configuration.certificateVerification = options.skipsVerification ? .none : .fullVerification
        if let file = options.authorityFile, let bytes = material.authorities {
            configuration.trustRoots = .certificates(try certificates(bytes, file))
        }
        if let file = options.certificateFile, let bytes = material.certificate {
            configuration.certificateChain = try certificates(bytes, file).map { .certificate($0) }
        }
        if let file = options.keyFile, let bytes = material.key {
            guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
                throw .unusableFile(path: file, problem: "holds no private key in PEM format, or an encrypted one")
            }
            configuration.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            guard let file = options.keyFile else { throw .other("\(error)") }
            throw .unusableFile(path: file, problem: "does not belong to the client certificate")
        }
    }

    private static func certificates(_ bytes: [UInt8], _ file: String) throws(TLSFault) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw .unusableFile(path: file, problem: "holds no certificate in PEM format")
        }
        return certificates
    }

    private static func serverName(_ options: ConnectionOptions) -> String? {
        guard case .tcp(let host, _) = options.address.endpoint else { return nil }
        let name = options.tls.serverName ?? host
        return (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
    }

    private static func read(_ path: String) throws(TLSFault) -> [UInt8] {
        do {
            return try FileContents.read(path, limit: maximumFileSize)
        } catch {
            throw .unusableFile(path: path, problem: error.reason)
        }
    }

    /// The bundle of a whole system has about 220 KB.
    private static let maximumFileSize = 2 << 20
}

/// What the operating system says about an error code, as in `Permission denied`.
func systemMessage(_ code: Int32) -> String {
    String(cString: strerror(code))
}
