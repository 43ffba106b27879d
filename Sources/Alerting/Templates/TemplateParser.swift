import PromQL

/// Makes trees of tokens, with the grammar and the messages of Go's text/template.
///
/// Before each method `cursor` is at the first token of what the method reads; after it, behind the last one.
struct TemplateParser {
    /// Nested blocks and parentheses allowed; each costs a few frames of the call stack.
    static let maximumDepth = 100

    private let tokens: [TemplateToken]
    private let name: String
    private var cursor = 0
    private var variables = ["$"]
    private var rangeDepth = 0
    private var depth = 0
    private var actionLine = 0
    private(set) var definitions: [String: [TemplateNode]] = [:]

    init(_ text: String, name: String) {
        tokens = TemplateLexer.tokens(of: text)
        self.name = name
    }

    /// The body of the template; what it defines on the way is in `definitions`.
    mutating func parse() throws(TemplateError) -> [TemplateNode] {
        var body: [TemplateNode] = []
        while peek.kind != .end {
            if peek.kind == .leftDelimiter, try parseDefinition() { continue }
            switch try textOrAction() {
            case .node(let node): body.append(node)
            case .end: throw error("unexpected {{end}}")
            case .otherwise: throw error("unexpected {{else}}")
            }
        }
        return body
    }

    private enum Item {
        case node(TemplateNode)
        case end
        case otherwise
    }

    private var peek: TemplateToken {
        tokens[min(cursor, tokens.count - 1)]
    }

    private mutating func next() -> TemplateToken {
        let token = peek
        cursor += 1
        return token
    }

    private mutating func peekNonSpace() -> TemplateToken {
        while peek.kind == .space { cursor += 1 }
        return peek
    }

    private mutating func nextNonSpace() -> TemplateToken {
        _ = peekNonSpace()
        return next()
    }

    /// An error on the line of the token read last.
    private func error(_ message: String) -> TemplateError {
        let line = tokens[max(0, min(cursor, tokens.count) - 1)].line
        return TemplateError("template: \(name):\(line): \(message)")
    }

    private func unexpected(_ token: TemplateToken, in context: String) -> TemplateError {
        guard token.kind == .error else { return error("unexpected \(token.described) in \(context)") }
        guard actionLine != 0, actionLine != token.line else { return error(token.text) }
        let joint = token.text.hasSuffix(" action") ? " started at" : " in action started at"
        return error("\(token.text)\(joint) \(name):\(actionLine)")
    }

    private mutating func expect(_ kind: TemplateToken.Kind, in context: String) throws(TemplateError) -> TemplateToken
    {
        let token = nextNonSpace()
        guard token.kind == kind else { throw unexpected(token, in: context) }
        return token
    }

    private mutating func deeper() throws(TemplateError) {
        depth += 1
        if depth > Self.maximumDepth { throw error("max nesting of \(Self.maximumDepth) exceeded") }
    }

    /// Reads `{{define "x"}}…{{end}}`; false, with nothing read, where something else stands there.
    private mutating func parseDefinition() throws(TemplateError) -> Bool {
        let start = cursor
        cursor += 1
        let word = nextNonSpace()
        guard word.kind == .keyword, word.text == "define" else {
            cursor = start
            return false
        }
        let context = "define clause"
        let definition = try templateName(context)
        _ = try expect(.rightDelimiter, in: context)
        let outer = variables
        variables = ["$"]
        let (body, closing) = try itemList()
        guard case .end = closing else { throw error("unexpected {{else}} in \(context)") }
        variables = outer
        define(definition, body)
        return true
    }

    /// An empty body does not replace one that is not, as in Go.
    private mutating func define(_ name: String, _ body: [TemplateNode]) {
        let isEmpty = body.allSatisfy { node in
            if case .text(let text) = node.kind { return text.allSatisfy(\.isWhitespace) }
            return false
        }
        if definitions[name] == nil || !isEmpty { definitions[name] = body }
    }

    private mutating func templateName(_ context: String) throws(TemplateError) -> String {
        let token = nextNonSpace()
        guard token.kind == .string || token.kind == .rawString else { throw unexpected(token, in: context) }
        guard let text = Quoting.unquoted(token.text) else { throw error("invalid syntax") }
        return text
    }

    private mutating func itemList() throws(TemplateError) -> ([TemplateNode], Item) {
        var nodes: [TemplateNode] = []
        while peekNonSpace().kind != .end {
            switch try textOrAction() {
            case .node(let node): nodes.append(node)
            case let closing: return (nodes, closing)
            }
        }
        throw error("unexpected EOF")
    }

    private mutating func textOrAction() throws(TemplateError) -> Item {
        let token = nextNonSpace()
        switch token.kind {
        case .text:
            return .node(TemplateNode(kind: .text(token.text), position: token.position))
        case .leftDelimiter:
            actionLine = token.line
            defer { actionLine = 0 }
            return try action()
        default:
            throw unexpected(token, in: "input")
        }
    }

    private mutating func action() throws(TemplateError) -> Item {
        let token = peekNonSpace()
        guard token.kind == .keyword, token.text != "nil" else {
            let pipe = try pipeline("command", until: .rightDelimiter)
            return .node(TemplateNode(kind: .action(pipe), position: token.position))
        }
        cursor += 1
        switch token.text {
        case "if": return .node(try branch(.if, at: token.position))
        case "range": return .node(try branch(.range, at: token.position))
        case "with": return .node(try branch(.with, at: token.position))
        case "break", "continue": return .node(try loopControl(token))
        case "template": return .node(try templateCall())
        case "block": return .node(try block())
        case "end":
            _ = try expect(.rightDelimiter, in: "end")
            return .end
        case "else":
            let following = peekNonSpace()
            if following.kind != .keyword || !["if", "with"].contains(following.text) {
                _ = try expect(.rightDelimiter, in: "else")
            }
            return .otherwise
        default: throw unexpected(token, in: "command")
        }
    }

    private mutating func loopControl(_ token: TemplateToken) throws(TemplateError) -> TemplateNode {
        let closing = nextNonSpace()
        guard closing.kind == .rightDelimiter else { throw unexpected(closing, in: "{{\(token.text)}}") }
        guard rangeDepth > 0 else { throw error("{{\(token.text)}} outside {{range}}") }
        let kind: TemplateNode.Kind = token.text == "break" ? .breakLoop : .continueLoop
        return TemplateNode(kind: kind, position: token.position)
    }

    private mutating func branch(
        _ keyword: TemplateNode.BranchKeyword,
        at position: Int
    ) throws(TemplateError) -> TemplateNode {
        try deeper()
        let outer = variables.count
        let pipe = try pipeline(keyword.rawValue, until: .rightDelimiter)
        if keyword == .range { rangeDepth += 1 }
        let (body, closing) = try itemList()
        if keyword == .range { rangeDepth -= 1 }
        var otherwise: [TemplateNode] = []
        if case .otherwise = closing {
            let following = peekNonSpace()
            if following.kind == .keyword, following.text == keyword.rawValue, keyword != .range {
                // `{{else if x}}` is an `if` inside the `else`; both end at the same `{{end}}`.
                cursor += 1
                otherwise = [try branch(keyword, at: following.position)]
            } else if following.kind == .keyword {
                throw unexpected(following, in: "else")
            } else {
                let last: Item
                (otherwise, last) = try itemList()
                guard case .end = last else { throw error("expected end; found {{else}}") }
            }
        }
        variables.removeLast(variables.count - outer)
        depth -= 1
        return TemplateNode(kind: .branch(keyword, pipe, body: body, otherwise: otherwise), position: position)
    }

    private mutating func templateCall() throws(TemplateError) -> TemplateNode {
        let context = "template clause"
        let position = peekNonSpace().position
        let called = try templateName(context)
        var pipe: TemplatePipe?
        if nextNonSpace().kind != .rightDelimiter {
            cursor -= 1
            pipe = try pipeline(context, until: .rightDelimiter)
        }
        return TemplateNode(kind: .call(name: called, pipe), position: position)
    }

    private mutating func block() throws(TemplateError) -> TemplateNode {
        let context = "block clause"
        let position = peekNonSpace().position
        let called = try templateName(context)
        let pipe = try pipeline(context, until: .rightDelimiter)
        try deeper()
        let outer = (variables, rangeDepth)
        (variables, rangeDepth) = (["$"], 0)
        let (body, closing) = try itemList()
        guard case .end = closing else { throw error("unexpected {{else}} in \(context)") }
        (variables, rangeDepth) = outer
        depth -= 1
        define(called, body)
        return TemplateNode(kind: .call(name: called, pipe), position: position)
    }
}

extension TemplateParser {
    private mutating func pipeline(
        _ context: String,
        until end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipe {
        var pipe = TemplatePipe(position: peekNonSpace().position)
        try declarations(of: &pipe, context)
        while true {
            let token = peekNonSpace()
            switch token.kind {
            case end:
                cursor += 1
                try check(pipe, context)
                return pipe
            case .bool, .character, .dot, .field, .identifier, .number, .rawString, .string, .variable,
                .leftParenthesis:
                pipe.commands.append(try command())
            case .keyword where token.text == "nil":
                pipe.commands.append(try command())
            default:
                cursor += 1
                throw unexpected(token, in: context)
            }
        }
    }

    private mutating func declarations(of pipe: inout TemplatePipe, _ context: String) throws(TemplateError) {
        while peekNonSpace().kind == .variable {
            let start = cursor
            let variable = next()
            let following = peekNonSpace()
            switch following.kind {
            case .assign, .declare:
                pipe.isAssignment = following.kind == .assign
                if pipe.isAssignment, !variables.contains(variable.text) {
                    throw error("undefined variable \(Quoting.quoted(variable.text))")
                }
                cursor += 1
                pipe.declared.append(variable.text)
                variables.append(variable.text)
                return
            case .comma:
                cursor += 1
                pipe.declared.append(variable.text)
                variables.append(variable.text)
                guard context == "range", pipe.declared.count < 2 else {
                    throw error("too many declarations in \(context)")
                }
                guard [.variable, .rightDelimiter, .rightParenthesis].contains(peekNonSpace().kind) else {
                    throw error("range can only initialize variables")
                }
            default:
                cursor = start
                return
            }
        }
    }

    private func check(_ pipe: TemplatePipe, _ context: String) throws(TemplateError) {
        if pipe.commands.isEmpty { throw error("missing value for \(context)") }
        for (index, command) in pipe.commands.enumerated().dropFirst() {
            switch command.operands.first?.kind {
            case .bool, .dot, .null, .number, .string:
                throw error("non executable command in pipeline stage \(index + 1)")
            default: break
            }
        }
    }

    private mutating func command() throws(TemplateError) -> TemplateCommand {
        var command = TemplateCommand(position: peekNonSpace().position)
        while true {
            _ = peekNonSpace()
            if let operand = try operand() { command.operands.append(operand) }
            let token = next()
            switch token.kind {
            case .space: continue
            case .rightDelimiter, .rightParenthesis: cursor -= 1
            case .pipe: break
            default: throw unexpected(token, in: "operand")
            }
            break
        }
        if command.operands.isEmpty { throw error("empty command") }
        return command
    }

    private mutating func operand() throws(TemplateError) -> TemplateOperand? {
        guard let term = try term() else { return nil }
        guard peek.kind == .field else { return term }
        let position = peek.position
        var path: [String] = []
        while peek.kind == .field { path.append(String(next().text.dropFirst())) }
        switch term.kind {
        case .field(let first): return TemplateOperand(kind: .field(first + path), position: position)
        case .variable(let name, let first):
            return TemplateOperand(kind: .variable(name, first + path), position: position)
        case .bool, .string, .number, .null, .dot:
            throw error("unexpected . after term \(Quoting.quoted(term.description))")
        default: return TemplateOperand(kind: .chain(term, path), position: position)
        }
    }

    private mutating func term() throws(TemplateError) -> TemplateOperand? {
        let token = nextNonSpace()
        let kind: TemplateOperand.Kind
        switch token.kind {
        case .identifier:
            guard TemplateFunction.named(token.text) != nil else {
                throw error("function \(Quoting.quoted(token.text)) not defined")
            }
            kind = .identifier(token.text)
        case .dot: kind = .dot
        case .keyword where token.text == "nil": kind = .null
        case .variable:
            guard variables.contains(token.text) else {
                throw error("undefined variable \(Quoting.quoted(token.text))")
            }
            kind = .variable(token.text, [])
        case .field: kind = .field([String(token.text.dropFirst())])
        case .bool: kind = .bool(token.text == "true")
        case .number, .character:
            guard let number = TemplateNumber(token.text) else {
                throw error("illegal number syntax: \(Quoting.quoted(token.text))")
            }
            kind = .number(number)
        case .string, .rawString:
            guard let text = Quoting.unquoted(token.text) else { throw error("invalid syntax") }
            kind = .string(text, written: token.text)
        case .leftParenthesis:
            try deeper()
            kind = .pipe(try pipeline("parenthesized pipeline", until: .rightParenthesis))
            depth -= 1
        default:
            cursor -= 1
            return nil
        }
        return TemplateOperand(kind: kind, position: token.position)
    }
}
