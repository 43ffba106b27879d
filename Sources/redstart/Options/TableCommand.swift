import ArgumentParser

/// A command whose options are rows of `OptionTable`.
///
/// For swift-argument-parser it is a subcommand with any words, to be listed and completed: that library knows neither
/// options with one dash and many letters nor variables of the environment.
protocol TableCommand: AsyncParsableCommand {
    /// What stands behind the name of the command; nobody reads it here.
    var words: TableWords { get }
    /// The command in the table.
    static var name: OptionRow.Command { get }
    /// Does what the command is for.
    func run(_ options: Options) async throws
}

extension TableCommand {
    /// Reads the words behind the name of the command and runs it; answers `--help` and `--version`.
    static func run(_ words: [String]) async throws {
        switch try OptionReader(name).read(words, environment: { Environment[$0] }) {
        case .help:
            try StandardOutput.write(help.text)
        case .version:
            try StandardOutput.write(Version.current + "\n")
        case .run(let assignments):
            var options = Options()
            for warning in try assignments.apply(to: &options) {
                StandardError.write("warning: \(warning)\n")
            }
            options.given = assignments
            try await Self().run(options)
        }
    }

    /// The text of `--help`.
    static var help: OptionHelp {
        OptionHelp(command: name, abstract: configuration.abstract, discussion: configuration.discussion)
    }
}

/// The words behind the name of such a command, which shells complete by asking the program.
struct TableWords: ParsableArguments {
    @Argument(parsing: .captureForPassthrough, completion: .custom { words, _, _ in Self.options(of: words) })
    var words: [String] = []

    /// The options of the command whose line begins with these words; the shell takes those that begin as the last does.
    private static func options(of line: [String]) -> [String] {
        guard let command = line.dropFirst().first.flatMap(OptionRow.Command.init) else { return [] }
        return OptionTable.all.filter { $0.hasEffect && $0.commands.contains(command) }.map { "--\($0.name)" }
    }
}
