import Metrics
import PromQL

/// One run of a template: the output so far, the variables, and what may still be spent.
///
/// Errors are worded and placed as Go's text/template does it.
struct TemplateExecution {
    /// Bytes of output; an annotation beyond that is nobody's intention.
    static let maximumOutput = 64 << 10
    /// Nodes walked and operands evaluated.
    static let maximumSteps = 200_000
    /// Templates that call templates.
    static let maximumCalls = 100

    /// What ends a walk before its end.
    enum Stop: Error {
        case failed(TemplateError)
        case breakLoop
        case continueLoop
    }

    /// A piece of the template that errors name.
    enum Piece {
        case pipe(TemplatePipe)
        case command(TemplateCommand)
        case operand(TemplateOperand)
        case call(name: String, TemplatePipe?, position: Int)

        var place: (position: Int, shown: String) {
            switch self {
            case .pipe(let pipe): return (pipe.position, pipe.description)
            case .command(let command): return (command.position, command.description)
            case .operand(let operand): return (operand.position, operand.description)
            case .call(let name, let pipe, let position):
                return (position, "{{template \(Quoting.quoted(name))\(pipe.map { " \($0)" } ?? "")}}")
            }
        }
    }

    let template: ParsedTemplate
    let context: TemplateContext
    private(set) var output = ""
    var variables: [(name: String, value: TemplateValue)] = []
    /// The piece entered last.
    var current = Piece.call(name: "", nil, position: 0)
    private var steps = 0
    private var calls = 0
    private var currentName: String

    init(_ template: ParsedTemplate, _ context: TemplateContext) {
        self.template = template
        self.context = context
        currentName = template.name
    }

    mutating func run() throws(TemplateError) -> String {
        variables = [("$", .data(context))]
        do throws(Stop) {
            try walk(template.body, dot: .data(context))
        } catch {
            if case .failed(let failure) = error { throw failure }
        }
        return output
    }

    /// An error at the piece of the template that was entered last, be it to blame or not, as Go has it.
    func failure(_ message: String) -> Stop {
        let (position, shown) = current.place
        let (line, column) = template.lineAndColumn(of: position)
        return .failed(
            TemplateError(
                "template: \(template.name):\(line):\(column): executing \(Quoting.quoted(currentName)) at <\(shown)>: \(message)"
            )
        )
    }

    mutating func spendStep() throws(Stop) {
        steps += 1
        if steps > Self.maximumSteps {
            throw .failed(
                TemplateError("template: \(currentName): gave up after \(Self.maximumSteps) steps, the template loops")
            )
        }
    }

    private mutating func write(_ text: String) throws(Stop) {
        guard output.utf8.count + text.utf8.count <= Self.maximumOutput else {
            throw .failed(
                TemplateError("template: \(currentName): the result is longer than \(Self.maximumOutput) bytes")
            )
        }
        output += text
    }

    private mutating func walk(_ nodes: [TemplateNode], dot: TemplateValue) throws(Stop) {
        for node in nodes {
            try spendStep()
            switch node.kind {
            case .text(let text): try write(text)
            case .action(let pipe):
                let value = try evaluate(pipe, dot: dot)
                if pipe.declared.isEmpty { try write(value.printed) }
            case .branch(.range, let pipe, let body, let otherwise):
                try walkRange(pipe, body: body, otherwise: otherwise, dot: dot)
            case .branch(let keyword, let pipe, let body, let otherwise):
                let mark = variables.count
                let value = try evaluate(pipe, dot: dot)
                if value.isTrue {
                    try walk(body, dot: keyword == .with ? value : dot)
                } else {
                    try walk(otherwise, dot: dot)
                }
                variables.removeLast(variables.count - mark)
            case .call(let name, let pipe): try call(name, pipe, at: node.position, dot: dot)
            case .breakLoop: throw .breakLoop
            case .continueLoop: throw .continueLoop
            }
        }
    }

    private mutating func call(
        _ name: String,
        _ pipe: TemplatePipe?,
        at position: Int,
        dot: TemplateValue
    ) throws(Stop) {
        current = .call(name: name, pipe, position: position)
        guard let body = template.definitions[name] else {
            throw failure("template \(Quoting.quoted(name)) not defined")
        }
        guard calls < Self.maximumCalls else {
            throw failure("exceeded maximum template depth (\(Self.maximumCalls))")
        }
        var argument = TemplateValue.none
        if let pipe { argument = try evaluate(pipe, dot: dot) }
        let (outerVariables, outerName) = (variables, currentName)
        (variables, currentName) = ([("$", argument)], name)
        calls += 1
        try walk(body, dot: argument)
        calls -= 1
        (variables, currentName) = (outerVariables, outerName)
    }

    private mutating func walkRange(
        _ pipe: TemplatePipe,
        body: [TemplateNode],
        otherwise: [TemplateNode],
        dot: TemplateValue
    ) throws(Stop) {
        let outer = variables.count
        let value = try evaluate(pipe, dot: dot)
        let mark = variables.count
        var isEmpty = true
        do throws(Stop) {
            if case .integer(let count) = value {
                var index: Int64 = 0
                while index < count {
                    isEmpty = false
                    try iterate(pipe, .integer(index), .integer(index), body: body, mark: mark)
                    index += 1
                }
            } else {
                for (index, element) in try elements(of: value) {
                    isEmpty = false
                    try iterate(pipe, index, element, body: body, mark: mark)
                }
            }
        } catch {
            guard case .breakLoop = error else { throw error }
        }
        if isEmpty { try walk(otherwise, dot: dot) }
        variables.removeLast(variables.count - outer)
    }

    /// Runs a loop's body once, with the element as the dot and as the value of the declared variables.
    private mutating func iterate(
        _ pipe: TemplatePipe,
        _ index: TemplateValue,
        _ element: TemplateValue,
        body: [TemplateNode],
        mark: Int
    ) throws(Stop) {
        // An empty body costs time too.
        try spendStep()
        let values = pipe.declared.count > 1 ? [index, element] : [element]
        for (place, name) in pipe.declared.enumerated() where place < values.count {
            if pipe.isAssignment {
                assign(name, values[place])
            } else {
                variables[mark - pipe.declared.count + place].value = values[place]
            }
        }
        do throws(Stop) {
            try walk(body, dot: element)
        } catch {
            guard case .continueLoop = error else { throw error }
        }
        variables.removeLast(variables.count - mark)
    }

    /// What a loop goes over, with the index or key of each.
    private func elements(of value: TemplateValue) throws(Stop) -> [(TemplateValue, TemplateValue)] {
        switch value {
        case .none: return []
        case .vector(let samples): return samples.enumerated().map { (.integer(Int64($0)), .sample($1)) }
        case .labels(let labels): return labels.pairs.map { (.string($0.name), .string($0.value)) }
        case .map(let entries): return entries.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
        default: throw failure("range can't iterate over \(value.formatted)")
        }
    }

    /// Sets the variable declared last under a name; the parser has made sure that there is one.
    mutating func assign(_ name: String, _ value: TemplateValue) {
        if let index = variables.lastIndex(where: { $0.name == name }) { variables[index].value = value }
    }
}
