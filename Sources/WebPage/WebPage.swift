/// The web page as it was when the program was built: one HTML document, one style, and JavaScript modules.
public enum WebPage {
    /// One file of the page.
    public struct Asset: Sendable {
        /// The name of the file, by which the others ask for it.
        public let name: String
        /// The media type.
        public let contentType: String
        /// What is in it.
        public let bytes: [UInt8]
    }

    /// The document that loads the others.
    public static let document = Asset(
        name: "index.html",
        contentType: "text/html; charset=utf-8",
        bytes: PackageResources.index_html
    )

    /// What the document loads.
    public static let assets: [Asset] = [
        Asset(name: "page.css", contentType: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        Asset(name: "icon.svg", contentType: "image/svg+xml", bytes: PackageResources.icon_svg),
        script("main.js", PackageResources.main_js),
        script("dom.js", PackageResources.dom_js),
        script("format.js", PackageResources.format_js),
        script("data.js", PackageResources.data_js),
        script("plot.js", PackageResources.plot_js),
        script("list.js", PackageResources.list_js),
        script("alerts.js", PackageResources.alerts_js),
        script("timeline.js", PackageResources.timeline_js),
        script("now.js", PackageResources.now_js),
        script("topology.js", PackageResources.topology_js),
        script("node.js", PackageResources.node_js),
        script("explore.js", PackageResources.explore_js),
        script("rules.js", PackageResources.rules_js),
        script("targets.js", PackageResources.targets_js),
        script("status.js", PackageResources.status_js),
    ]

    private static func script(_ name: String, _ bytes: [UInt8]) -> Asset {
        Asset(name: name, contentType: "text/javascript; charset=utf-8", bytes: bytes)
    }
}
