package import Bytes

/// An entry as few bytes: many of many nodes are kept, and hardly any is ever looked at.
extension SlowLogEntry {
    /// Appends the entry as ``init(from:)`` reads it.
    package func append(to bytes: inout [UInt8]) {
        bytes.appendRun(log.rawValue)
        bytes.appendSignedVarint(id)
        bytes.appendSignedVarint(timestampSeconds)
        bytes.appendSignedVarint(amount)
        bytes.appendRun(command)
        bytes.appendSignedVarint(Int64(argumentCount))
        bytes.appendVarint(UInt64(arguments.count))
        for argument in arguments {
            bytes.appendRun(argument)
        }
        bytes.appendRun(clientAddress)
        bytes.appendRun(clientName)
    }

    /// Reads an entry; `nil` where the bytes are none.
    package init?(from reader: inout ByteReader) {
        guard let log = reader.text().flatMap(SlowLogKind.init), let id = reader.signedVarint(),
            let timestampSeconds = reader.signedVarint(), let amount = reader.signedVarint(),
            let command = reader.text(), let argumentCount = reader.signedVarint().flatMap({ Int(exactly: $0) }),
            let listed = reader.count(atLeastBytesEach: 1)
        else { return nil }
        var arguments: [String] = []
        for _ in 0..<listed {
            guard let argument = reader.text() else { return nil }
            arguments.append(argument)
        }
        guard let clientAddress = reader.text(), let clientName = reader.text() else { return nil }
        self.log = log
        self.id = id
        self.timestampSeconds = timestampSeconds
        self.amount = amount
        self.command = command
        self.argumentCount = argumentCount
        self.arguments = arguments
        self.clientAddress = clientAddress
        self.clientName = clientName
    }
}

extension ByteReader {
    fileprivate mutating func text() -> String? {
        run().map { String(decoding: $0, as: UTF8.self) }
    }
}
