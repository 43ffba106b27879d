/// A media type or a range of them, with parameters: `text/plain; version=0.0.4`, `text/*`.
public struct MediaType: Sendable, Hashable {
    /// One parameter.
    public struct Parameter: Sendable, Hashable {
        /// The name in lower case.
        public let name: String
        /// The value, without quotes.
        public let value: String

        /// Creates a parameter.
        public init(_ name: String, _ value: String) {
            self.name = name.lowercased()
            self.value = value
        }
    }

    /// The type in lower case, or `*`.
    public let type: String
    /// The subtype in lower case, or `*`.
    public let subtype: String
    /// The parameters in order, without `q`.
    public let parameters: [Parameter]

    /// Creates a media type from its parts.
    public init(_ type: String, _ subtype: String, _ parameters: [Parameter] = []) {
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// The value of a parameter, or nil.
    public func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// How exactly this range names `offer`, or nil if it does not name it at all.
    ///
    /// RFC 9110, section 12.5.1 wants every parameter of the range to be met. A parameter of which the offer says
    /// nothing counts as met here, since Prometheus asks for `text/plain;version=0.0.4;escaping=allow-utf-8` and
    /// means any text of that version.
    func specificity(for offer: MediaType) -> Int? {
        guard type == "*" || type == offer.type else { return nil }
        guard subtype == "*" || (subtype == offer.subtype && type != "*") else { return nil }
        var met = 0
        for wanted in parameters {
            guard let value = offer.parameter(wanted.name) else { continue }
            guard value.lowercased() == wanted.value.lowercased() else { return nil }
            met += 1
        }
        return (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) + met
    }
}
