internal import Glibc
internal import NIOCore
internal import NIOPosix

extension ListenFailure {
    init(_ error: any Error) {
        switch error {
        case let error as IOError:
            self =
                switch error.errnoCode {
                case EADDRINUSE: .addressInUse
                case EACCES, EPERM: .notPermitted
                case EADDRNOTAVAIL: .addressNotAvailable
                case EMFILE, ENFILE: .tooManyOpenFiles
                default: .other(String(cString: strerror(error.errnoCode)))
                }
        case is SocketAddressError.UnknownHost, is SocketAddressError:
            self = .unknownHost
        case is NIOConnectionError:
            self = .unknownHost
        default:
            self = .other("\(error)")
        }
    }
}
