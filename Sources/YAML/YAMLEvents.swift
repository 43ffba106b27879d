import CYaml

/// What libyaml reports, as Swift values; comments and the look of the text are gone.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case documentEnd
        case scalar(YAMLNode.Scalar, anchor: String?)
        case sequenceStart(anchor: String?)
        case sequenceEnd
        case mappingStart(anchor: String?)
        case mappingEnd
        case alias(String)
    }

    let kind: Kind
    let location: YAMLLocation
}

/// The events of one text, pulled one by one from libyaml's parser.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from this memory for as long as the parser lives.
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let file: String
    private var isFinished = false

    init(_ bytes: [UInt8], file: String) throws(YAMLError) {
        self.file = file
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            text.deallocate()
            parser.deallocate()
            throw YAMLError(at: YAMLLocation(file: file, line: 1, column: 1), "no memory for the YAML parser")
        }
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event, `nil` at the end of the stream.
    mutating func next() throws(YAMLError) -> YAMLEvent? {
        while !isFinished {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw parserError() }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_STREAM_END_EVENT {
                isFinished = true
            } else if let kind = Self.kind(of: event) {
                return YAMLEvent(kind: kind, location: location(event.start_mark))
            }
        }
        return nil
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind? {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            return .documentStart
        case YAML_DOCUMENT_END_EVENT:
            return .documentEnd
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let value = YAMLNode.Scalar(
                text: String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nil,
                isLiteralBlock: scalar.style == YAML_LITERAL_SCALAR_STYLE
            )
            return .scalar(value, anchor: name(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(anchor: name(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT:
            return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(anchor: name(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT:
            return .mappingEnd
        case YAML_ALIAS_EVENT:
            return .alias(name(event.data.alias.anchor) ?? "")
        default:
            return nil
        }
    }

    private static func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    private func location(_ mark: yaml_mark_t) -> YAMLLocation {
        YAMLLocation(file: file, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    private func parserError() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text cannot be read"
        let context = parser.pointee.context.map { ", " + String(cString: $0) } ?? ""
        if parser.pointee.error == YAML_READER_ERROR {
            // The reader's errors have an offset in bytes and no mark: the bytes before it tell the line.
            let before = text.prefix(parser.pointee.problem_offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let column = before.count - ((before.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1) + 1
            let place = YAMLLocation(file: file, line: line, column: column)
            return YAMLError(at: place, "not YAML: \(problem)", expected: "text in UTF-8")
        }
        return YAMLError(at: location(parser.pointee.problem_mark), "not YAML: \(problem)\(context)")
    }
}
