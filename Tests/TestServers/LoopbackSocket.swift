import Glibc

/// Plain blocking sockets on the loopback interface, for what a test needs beside the code under test.
enum LoopbackSocket {
    /// A listening socket; port 0 lets the system choose one.
    static func listen(port: Int = 0, backlog: Int32 = 64) throws(TestServerError) -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withSocketAddress(&address) { pointer in
            bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, backlog) == 0
                && getsockname(descriptor, pointer, &length) == 0
        }
        guard isBound else {
            let problem = String(cString: strerror(errno))
            close(descriptor)
            throw TestServerError("cannot listen on 127.0.0.1:\(port): \(problem)")
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Whether somebody accepts connections on the port.
    static func accepts(port: Int) -> Bool {
        guard let descriptor = connected(to: port) else { return false }
        close(descriptor)
        return true
    }

    /// A connection to the port, `nil` where nobody accepts it.
    static func connected(to port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let isConnected = withSocketAddress(&address) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }

    /// A socket that tries to connect to the port, and whether it has managed to within a tenth of a second.
    static func connecting(to port: Int) -> (descriptor: Int32, isConnected: Bool) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        var address = loopback(port)
        _ = withSocketAddress(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        var interest = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return (descriptor, poll(&interest, 1, 100) == 1)
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return address
    }

    private static func withSocketAddress<Result>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}

/// A port of 127.0.0.1 that nobody listens on at this moment.
public func freePort() throws(TestServerError) -> Int {
    let (descriptor, port) = try LoopbackSocket.listen()
    close(descriptor)
    return port
}
