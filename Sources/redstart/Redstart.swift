import ArgumentParser

@main
struct Redstart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "redstart")
}
