/// The commands that begin a connection: log in, say the name, choose the database.
struct Handshake: Sendable {
    let steps: [HandshakeStep]
    let commands: [Command]

    init(_ options: ConnectionOptions) {
        let address = options.address
        var plan: [(HandshakeStep, Command)] = []
        if address.user != nil || address.password != nil {
            // A user without a password is sent with an empty one: it may be an ACL user with `nopass`.
            let words = ["AUTH"] + (address.user.map { [$0] } ?? []) + [address.password?.value ?? ""]
            plan.append(
                (
                    .authenticate(user: address.user, hasPassword: address.password != nil),
                    Command(arguments: words.map { Array($0.utf8) })
                )
            )
        }
        if let name = options.clientName {
            plan.append((.setName, Command("CLIENT", "SETNAME", name)))
        }
        if let database = address.database, database != 0 {
            plan.append((.select(database: database), Command("SELECT", String(database))))
        }
        if plan.isEmpty {
            plan.append((.ping, Command("PING")))
        }
        steps = plan.map(\.0)
        commands = plan.map(\.1)
    }
}

/// A command of the beginning that the server will refuse each time, though the connection is good without it.
public struct HandshakeRefusal: Hashable, Sendable {
    /// The command without its arguments: `CLIENT SETNAME` or `PING`.
    public let command: String
    /// Why.
    public let refusal: CommandRefusal
}
