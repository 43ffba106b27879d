import Testing
import YAML

@Suite("Strict mappings")
struct YAMLFieldsTests {
    private func readGroup(_ text: String) throws -> String {
        let node = try #require(try YAMLDocument.parse(Array(text.utf8), file: "f.yml"))
        return try node.read("a group") { fields throws(YAMLError) in
            let name = try fields.required("name").string()
            let interval = try fields.optional("interval")?.string() ?? "none"
            _ = fields.optional("annotations")
            return "\(name)/\(interval)"
        }
    }

    @Test("Known fields are read, null counts as absent")
    func known() throws {
        #expect(try readGroup("name: a\ninterval: 5m") == "a/5m")
        #expect(try readGroup("name: a\ninterval: ~") == "a/none")
    }

    @Test("An unknown field is an error that names the near one")
    func unknown() {
        let expected =
            "f.yml:2:1: field `annotation` is not known in a group, did you mean `annotations`?; "
            + "expected one of name, interval, annotations"
        #expect { try readGroup("name: a\nannotation: {}") } throws: { "\($0)" == expected }
        #expect { try readGroup("name: a\nzzz: {}") } throws: { !"\($0)".contains("did you mean") }
    }

    @Test("A missing field and a wrong kind of value are errors")
    func missing() {
        #expect { try readGroup("interval: 5m") } throws: {
            "\($0)" == "f.yml:1:1: a group has no `name`; expected a field `name`"
        }
        #expect { try readGroup("name: [a]") } throws: {
            "\($0)" == "f.yml:1:7: a list is in the wrong place; expected a text"
        }
        #expect { try readGroup("[a]") } throws: {
            "\($0)" == "f.yml:1:1: a list is in the wrong place; expected a group, a mapping of fields"
        }
    }

    @Test("Names are near when few letters differ")
    func nearest() {
        #expect(nearestName(to: "exrp", among: ["expr", "for"]) == "expr")
        #expect(nearestName(to: "fro", among: ["expr", "for"]) == "for")
        #expect(nearestName(to: "zzz", among: ["for"]) == nil)
        #expect(nearestName(to: String(repeating: "a", count: 1000), among: ["a"]) == nil)
    }
}
