internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// The alternative names of certificates, one of which a client's must have.
struct ClientNames: Sendable {
    /// Host names, e-mail addresses and URIs, compared as they are.
    private let texts: Set<[UInt8]>
    /// Addresses, 4 or 16 bytes each.
    private let addresses: Set<[UInt8]>

    init(_ names: [String]) {
        texts = Set(names.map { Array($0.utf8) })
        addresses = Set(names.compactMap(Self.address))
    }

    /// Whether one of the certificate's names is allowed.
    func allow(_ certificate: NIOSSLCertificate) -> Bool {
        // There is no other way to these names in the library than one whose form may change.
        certificate._subjectAlternativeNames().contains { name in
            let bytes = Array(name.contents)
            return switch name.nameType {
            case .dnsName, .email, .uri: texts.contains(bytes)
            case .ipAddress: addresses.contains(bytes)
            default: false
            }
        }
    }

    private static func address(_ text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}

/// Lets nothing through of a client whose certificate has none of the allowed names.
final class ClientNameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let names: ClientNames
    private let tls: NIOSSLServerHandler
    private var isAllowed = false

    init(_ names: ClientNames, _ tls: NIOSSLServerHandler) {
        self.names = names
        self.tls = tls
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            isAllowed = tls.peerCertificate.map(names.allow) ?? false
            if !isAllowed {
                context.fireErrorCaught(HTTPServerError.clientNameNotAllowed)
                return context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What came with the end of the handshake is still delivered after the close.
        if isAllowed { context.fireChannelRead(data) }
    }
}

@available(*, unavailable)
extension ClientNameHandler: Sendable {}
