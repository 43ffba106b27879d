import FoundationEssentials

/// A dashboard of Grafana, as far as the tests look at it.
struct Dashboard: Decodable {
    struct Place: Decodable {
        let x: Int
        let y: Int
        let w: Int
        let h: Int

        func overlaps(_ other: Place) -> Bool {
            x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h
        }
    }

    struct Panel: Decodable {
        struct FieldConfiguration: Decodable {
            struct Defaults: Decodable {
                struct Thresholds: Decodable {
                    struct Step: Decodable {
                        let value: Double?
                    }
                    let steps: [Step]
                }
                let unit: String
                let thresholds: Thresholds
            }
            let defaults: Defaults
        }
        struct Link: Decodable {
            let url: String
        }
        struct Target: Decodable {
            let refId: String
            let expr: String
            let datasource: Source
        }
        struct Source: Decodable {
            let uid: String
        }
        let id: Int
        let title: String
        let description: String
        let gridPos: Place
        let fieldConfig: FieldConfiguration
        let links: [Link]
        let targets: [Target]
    }

    struct Templating: Decodable {
        struct Variable: Decodable {
            let name: String
        }
        let list: [Variable]
    }

    let uid: String
    let title: String
    let schemaVersion: Int
    let panels: [Panel]
    let templating: Templating

    /// The top of the repository.
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    /// All dashboards by the name of their file.
    static func all() throws -> [String: Dashboard] {
        let folder = root + "/dashboards"
        var dashboards: [String: Dashboard] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".json") {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            dashboards[String(name.dropLast(5))] = try JSONDecoder().decode(Dashboard.self, from: data)
        }
        return dashboards
    }
}
