internal import Examples
internal import Images
internal import RunModel
internal import RunPlanning
internal import RunService

/// Which languages can be used now. For one request: each language is looked at once.
final class ExampleLanguages {
    private let planner: RunPlanner
    private var known: [String: String?] = [:]

    init(_ planner: RunPlanner) {
        self.planner = planner
    }

    /// Why programs of a language cannot be run now; nil when they can.
    func reason(_ language: String) -> String? {
        if let reason = known[language] { return reason }
        var reason: String?
        do throws(APIError) {
            try planner.checkRoot(of: planner.settings(language: language).image)
        } catch {
            reason = error.message
        }
        known[language] = .some(reason)
        return reason
    }
}

extension PlaygroundServices {
    var languages: ExampleLanguages { ExampleLanguages(runs.catalog.planner) }

    /// The name of a language by its name or an alias; the text itself when there is none.
    func language(_ text: String) -> String {
        (try? runs.catalog.content.images.image(named: text).name) ?? text
    }

    /// - Throws: `NOT_FOUND`.
    func example(_ id: String) throws(APIError) -> Example {
        guard let example = examples.library.example(id) else {
            throw APIError(.notFound, "there is no example \"\(ObjectReader.shown(id))\"")
        }
        return example
    }
}
