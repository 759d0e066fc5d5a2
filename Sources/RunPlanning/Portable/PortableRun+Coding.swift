internal import EgressRules
internal import Foundation
package import Images
internal import RunModel
package import SandboxSpec

/// A portable run as another machine gets it. What is read is held to the bounds that planning keeps: a key that is not known,
/// a number out of range, a list that is too long is an error.
extension PortableRun: Codable {
    /// Raised whenever the same document would mean something else.
    static let version = 1
    private static let maximumSigns = 64

    private enum Key: String, CodingKey {
        case version, image, files, steps, hints, signs, syntax
        case runID = "run_id"
        case isLookOnly = "look_only"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(runID, forKey: .runID)
        try container.encode(image, forKey: .image)
        try container.encode(files, forKey: .files)
        try container.encode(steps, forKey: .steps)
        try container.encode(aids.hints, forKey: .hints)
        try container.encode(aids.signs, forKey: .signs)
        try container.encode(aids.isLookOnly, forKey: .isLookOnly)
        try container.encodeIfPresent(syntax, forKey: .syntax)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        _ = try container.decode(.version, in: Self.version...Self.version)
        self.init(
            runID: try container.decode(RunID.self, forKey: .runID),
            image: try container.decode(String.self, forKey: .image),
            files: try container.decode([InlineFile].self, forKey: .files),
            steps: try container.decode([Step].self, forKey: .steps))
        aids.hints = try container.decode([HintRule].self, forKey: .hints)
        aids.signs = try container.strings(.signs, count: Self.maximumSigns, bytes: HintRule.maximumBytes)
        aids.isLookOnly = try container.decode(Bool.self, forKey: .isLookOnly)
        syntax = try container.decodeIfPresent(Step.self, forKey: .syntax)
        try container.require((1...64).contains(image.utf8.count), .image, "a name")
        try container.require(
            files.count <= RunRequest.maximumFiles && Set(files.map(\.path)).count == files.count, .files,
            "at most \(RunRequest.maximumFiles) files, each at a place of its own")
        try container.require(
            [[.compile], [.run], [.compile, .run]].contains(steps.map(\.name)), .steps, "compile, run, or both")
        let bytes = files.reduce(Int64(0)) { $0 + Int64($1.content.count) }
        try container.require(
            steps.allSatisfy { bytes <= $0.rules.limits[.disk] || $0.name == .compile }, .files,
            "what fits onto the disk")
        try container.require(aids.hints.count <= HintRule.maximumCount, .hints, "at most \(HintRule.maximumCount)")
    }
}

extension PortableRun.Step: Codable {
    private enum Key: String, CodingKey {
        case name, rules, limits, job, egress
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(rules, forKey: .rules)
        try container.encode(limits, forKey: .limits)
        try container.encode(job, forKey: .job)
        try container.encodeIfPresent(egress, forKey: .egress)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            name: try container.decode(StepName.self, forKey: .name),
            rules: try container.decode(SandboxRules.self, forKey: .rules),
            limits: try container.decode(Limits.self, forKey: .limits),
            job: try container.decode(Job.self, forKey: .job),
            egress: try container.decodeIfPresent(EgressGrant.self, forKey: .egress))
        try container.require((egress != nil) == (rules.network == .egress), .egress, "what goes with the network")
    }
}

extension InlineFile: Codable {
    private enum Key: String, CodingKey {
        case path, content, executable
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(path.description, forKey: .path)
        try container.encode(Data(content), forKey: .content)
        try container.encode(executable, forKey: .executable)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        let path = try container.decode(String.self, forKey: .path)
        self.init(
            path: try container.make(.path) { () throws(InvalidBoxPath) in try BoxPath(path) },
            content: Array(try container.decode(Data.self, forKey: .content)),
            executable: try container.decode(Bool.self, forKey: .executable))
    }
}

extension HintRule: Codable {
    private enum Key: String, CodingKey {
        case kind, signs, text, language
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(signs, forKey: .signs)
        try container.encode(text, forKey: .text)
        try container.encodeIfPresent(language, forKey: .language)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            kind: try container.decode(String.self, forKey: .kind),
            signs: try container.strings(.signs, count: Self.maximumSigns, bytes: Self.maximumBytes),
            text: try container.decode(String.self, forKey: .text),
            language: try container.decodeIfPresent(String.self, forKey: .language))
        for (key, text) in [(Key.kind, kind), (.text, self.text), (.language, language ?? "")] {
            try container.require(text.utf8.count <= Self.maximumBytes, key, "at most \(Self.maximumBytes) bytes")
        }
    }
}
