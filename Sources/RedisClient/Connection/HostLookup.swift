import Dispatch
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Looks up one host name for one connection, on a thread that no other lookup waits for.
///
/// NIO's own resolver asks for the names of an event loop one after the other, addresses among them: there a name
/// server that does not answer for one node holds up the connections to all others.
final class HostLookup: Resolver, Sendable {
    /// Why there is no address; the code is one of `getaddrinfo`.
    struct Failure: Error {
        let code: Int32
    }

    /// Lookups beyond this number fail at once, so that names that hang cannot take all threads.
    private static let limit = 128
    private static let underWay = Atomic(0)

    private let eventLoop: any EventLoop
    private let v4: EventLoopPromise<[SocketAddress]>
    private let v6: EventLoopPromise<[SocketAddress]>
    private let done = Atomic(false)

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        v4 = eventLoop.makePromise()
        v6 = eventLoop.makePromise()
    }

    /// Whether the name server has answered, be it that there is no such name.
    var isDone: Bool {
        done.load(ordering: .acquiring)
    }

    // One call of getaddrinfo serves both questions; NIO always asks both.

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        v4.futureResult
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        if Self.underWay.wrappingAdd(1, ordering: .relaxed).newValue > Self.limit {
            Self.underWay.wrappingSubtract(1, ordering: .relaxed)
            finish(.failure(Failure(code: EAI_AGAIN)))
        } else {
            // A queue of its own, so a thread of its own.
            DispatchQueue(label: "host lookup").async {
                self.finish(Result { () throws(Failure) in try Self.addresses(of: host, port: port) })
                Self.underWay.wrappingSubtract(1, ordering: .relaxed)
            }
        }
        return v6.futureResult
    }

    func cancelQueries() {
        // getaddrinfo cannot be interrupted; nobody waits for it any more.
    }

    private func finish(_ result: Result<[SocketAddress], Failure>) {
        done.store(true, ordering: .releasing)
        eventLoop.execute {
            switch result {
            case .success(let addresses):
                self.v6.succeed(addresses.filter { $0.protocol == .inet6 })
                self.v4.succeed(addresses.filter { $0.protocol == .inet })
            case .failure(let failure):
                self.v6.fail(failure)
                self.v4.fail(failure)
            }
        }
    }

    private static func addresses(of host: String, port: Int) throws(Failure) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &first)
        guard code == 0, let first else { throw Failure(code: code) }
        defer { freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next?.pointee {
            if let bytes = UnsafeRawPointer(entry.ai_addr) {
                switch entry.ai_family {
                case AF_INET: addresses.append(SocketAddress(bytes.load(as: sockaddr_in.self), host: host))
                case AF_INET6: addresses.append(SocketAddress(bytes.load(as: sockaddr_in6.self), host: host))
                default: break
                }
            }
            next = entry.ai_next
        }
        return addresses
    }
}
