package import Images
package import RunModel

/// What may be said of a run besides its verdict: hints, and that its program does not parse.
package struct RunAids: Sendable, Equatable {
    package var hints: [HintRule] = []
    /// Looks at the program without running it; nil where there is no such way, or compiling is that.
    package var syntax: RunPlan.Step?
    /// What the last words of a run are when `syntax` is worth its time.
    package var signs: [String] = []
    /// Whether the only step is a look at a program of an interpreted language.
    package var isLookOnly = false

    /// Whether the program has a way out, through a proxy.
    package var hasEgress = false

    package init() {}

    /// Hints for a run that ended with these words.
    package func hints(after tail: [UInt8]) -> [Hint] {
        var found: [Hint] = []
        for rule in hints + [hasEgress ? Self.egress : Self.common]
        where rule.signs.contains(where: { tail.contains($0.utf8) }) {
            // The first of a kind is the most telling one.
            guard !found.contains(where: { $0.kind == rule.kind }), found.count < Hint.maximumCount else { continue }
            found.append(Hint(kind: rule.kind, text: rule.text, language: rule.language))
        }
        return found
    }

    /// Whether the program may have failed to parse.
    package func isWorthALook(after tail: [UInt8]) -> Bool { signs.contains { tail.contains($0.utf8) } }

    /// What programs of all languages say.
    private static let common = HintRule(
        kind: "network", signs: networkSigns,
        text: "programs have no network here: nothing outside of the sandbox can be reached")

    /// The same of a program with a way out that it does not know.
    private static let egress = HintRule(
        kind: "network", signs: networkSigns,
        text: "the outside is reached through the proxy that http_proxy and https_proxy name, and by no other way")

    private static let networkSigns = [
        "Network is unreachable", "Temporary failure in name resolution", "Name or service not known", "EAI_AGAIN",
        "getaddrinfo", "UnknownHostException", "Address family not supported", "EAFNOSUPPORT", "ENETUNREACH",
        "no such host", "network is unreachable",
    ]
}
