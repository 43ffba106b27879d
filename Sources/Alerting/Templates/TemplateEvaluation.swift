import Metrics
import PromQL

/// Pipelines, commands and operands: what gives values.
extension TemplateExecution {
    mutating func evaluate(_ pipe: TemplatePipe, dot: TemplateValue) throws(Stop) -> TemplateValue {
        current = .pipe(pipe)
        var value: TemplateValue?
        for command in pipe.commands {
            value = try evaluate(command, dot: dot, final: value)
        }
        let result = value ?? .none
        for name in pipe.declared {
            if pipe.isAssignment {
                assign(name, result)
            } else {
                variables.append((name, result))
            }
        }
        return result
    }

    /// `final` is the result of the command before, which becomes the last argument.
    private mutating func evaluate(
        _ command: TemplateCommand,
        dot: TemplateValue,
        final: TemplateValue?
    ) throws(Stop) -> TemplateValue {
        try spendStep()
        guard let first = command.operands.first else { return .none }
        let arguments = command.operands.dropFirst()
        if case .pipe = first.kind {} else { current = .operand(first) }
        let hasArguments = !arguments.isEmpty || final != nil
        switch first.kind {
        case .identifier(let name):
            return try call(name, first, command, arguments: arguments, dot: dot, final: final)
        case .field, .chain, .variable:
            var values: [TemplateValue] = []
            if hasArguments {
                for argument in arguments { values.append(try evaluate(argument, dot: dot)) }
                if let final { values.append(final) }
                current = .operand(first)
            }
            return try resolve(first, dot: dot, arguments: values)
        case .null:
            throw failure("nil is not a command")
        case .dot, .bool, .number, .string, .pipe:
            if hasArguments {
                throw failure("can't give argument to non-function \(first.nested)")
            }
            return try evaluate(first, dot: dot)
        }
    }

    /// The value of an operand that stands alone.
    private mutating func evaluate(_ operand: TemplateOperand, dot: TemplateValue) throws(Stop) -> TemplateValue {
        try spendStep()
        current = .operand(operand)
        switch operand.kind {
        case .dot: return dot
        case .null: return .none
        case .bool(let value): return .bool(value)
        case .string(let text, _): return .string(text)
        case .number(let number):
            if number.isFloat { return .float(number.float) }
            guard let value = number.integer else {
                throw failure("\(number.text) overflows int")
            }
            return .integer(value)
        case .pipe(let pipe): return try evaluate(pipe, dot: dot)
        case .identifier(let name):
            let command = TemplateCommand(operands: [operand], position: operand.position)
            return try call(name, operand, command, arguments: [], dot: dot, final: nil)
        case .field, .variable, .chain: return try resolve(operand, dot: dot, arguments: [])
        }
    }

    /// The value at the end of a path of fields; arguments go to its last part if that is a method.
    private mutating func resolve(
        _ operand: TemplateOperand,
        dot: TemplateValue,
        arguments: [TemplateValue]
    ) throws(Stop) -> TemplateValue {
        var value: TemplateValue
        let path: [String]
        switch operand.kind {
        case .field(let names): (value, path) = (dot, names)
        case .variable(let name, let names):
            guard let variable = variables.last(where: { $0.name == name }) else {
                throw failure("undefined variable: \(name)")
            }
            (value, path) = (variable.value, names)
            if path.isEmpty, !arguments.isEmpty {
                throw failure("can't give argument to non-function \(operand)")
            }
        case .chain(let base, let names):
            if case .null = base.kind {
                throw failure("indirection through explicit nil in \(operand)")
            }
            (value, path) = (try evaluate(base, dot: dot), names)
        default: return try evaluate(operand, dot: dot)
        }
        for (index, name) in path.enumerated() {
            let isLast = index == path.count - 1
            value = try field(name, of: value, arguments: isLast ? arguments : [], operand)
        }
        return value
    }

    private func field(
        _ name: String,
        of value: TemplateValue,
        arguments: [TemplateValue],
        _ operand: TemplateOperand
    ) throws(Stop) -> TemplateValue {
        if case .time(let time) = value, let result = time.method(name, arguments) { return result }
        let found: TemplateValue?
        var isMap = false
        switch (value, name) {
        case (.none, _): found = TemplateValue.none
        case (.labels(let labels), _): (found, isMap) = (.string(labels[name] ?? ""), true)
        case (.map(let entries), _): (found, isMap) = (entries[name] ?? TemplateValue.none, true)
        case (.sample(let sample), "Labels"): found = .labels(sample.labels)
        case (.sample(let sample), "Value"): found = .float(sample.value)
        case (.data(let context), "Labels"): found = .labels(context.labels)
        case (.data(let context), "Value"): found = .float(context.value)
        case (.data(let context), "ExternalLabels"): found = .labels(context.external.labels)
        case (.data(let context), "ExternalURL"): found = .string(context.external.url)
        default: found = nil
        }
        guard let found else {
            throw failure("can't evaluate field \(name) in type \(value.typeName)")
        }
        if !arguments.isEmpty {
            let other = isMap ? "is not a method but has arguments" : "has arguments but cannot be invoked as function"
            throw failure("\(name) \(other)")
        }
        return found
    }

    private mutating func call(
        _ name: String,
        _ identifier: TemplateOperand,
        _ command: TemplateCommand,
        arguments: ArraySlice<TemplateOperand>,
        dot: TemplateValue,
        final: TemplateValue?
    ) throws(Stop) -> TemplateValue {
        guard let function = TemplateFunction.named(name) else {
            throw failure("\(Quoting.quoted(name)) is not a defined function")
        }
        let given = arguments.count + (final == nil ? 0 : 1)
        let fixed = function.parameters.count - (function.isVariadic ? 1 : 0)
        if function.isVariadic, given < fixed {
            let problem = "wrong number of args for \(name): want at least \(fixed) got \(given)"
            throw failure(problem)
        }
        if !function.isVariadic, given != fixed {
            let problem = "wrong number of args for \(name): want \(fixed) got \(given)"
            throw failure(problem)
        }
        var values: [TemplateValue] = []
        for (index, operand) in arguments.enumerated() {
            let value = try argument(operand, for: function.parameter(at: index), dot: dot)
            values.append(value)
            // `and` and `or` look no further than to the first argument that decides.
            if (name == "and" && !value.isTrue) || (name == "or" && value.isTrue) { return value }
        }
        if let final {
            let parameter = function.parameter(at: values.count)
            try check(final, for: parameter)
            values.append(final)
        }
        do throws(FunctionFailure) {
            return try function.body(values, context)
        } catch {
            current = .command(command)
            throw failure("error calling \(name): \(error.message)")
        }
    }

    private mutating func argument(
        _ operand: TemplateOperand,
        for parameter: TemplateFunction.Parameter,
        dot: TemplateValue
    ) throws(Stop) -> TemplateValue {
        current = .operand(operand)
        switch (operand.kind, parameter) {
        case (.null, .string):
            throw failure("cannot assign nil to string")
        case (.bool, .string), (.number, .string):
            throw failure("expected string; found \(operand)")
        case (.bool, .vector), (.number, .vector), (.string, .vector), (.bool, .sample), (.number, .sample),
            (.string, .sample):
            let problem = "can't handle \(operand) for arg of type \(parameter.typeName)"
            throw failure(problem)
        default:
            let value = try evaluate(operand, dot: dot)
            try check(value, for: parameter)
            return value
        }
    }

    private func check(_ value: TemplateValue, for parameter: TemplateFunction.Parameter) throws(Stop) {
        if parameter.accepts(value) { return }
        if case .none = value {
            throw failure("invalid value; expected \(parameter.typeName)")
        }
        let problem = "wrong type for value; expected \(parameter.typeName); got \(value.typeName)"
        throw failure(problem)
    }
}
