/// The files of a request, the main one apart, and what the client calls them: a diagnostic names a file by the client's own
/// count.
package struct RequestFiles: Sendable, Equatable {
    /// The program's text; nil when the request has none. Its path is not set: it is the main file's.
    package let main: RunRequest.File?
    package let others: [RunRequest.File]
    /// The field where the program's text is.
    package let mainField: String
    /// Where each file is in the request, the main one first: a number of its `files`; nil for its `code`.
    package let sources: [Int?]
    /// The place of each other file in the client's own list.
    private let places: [Int]

    /// - Parameters:
    ///   - mainFile: what the language calls its program; nil when it is not known.
    ///   - places: where each file of the request stands in the client's list, when some of that list could not be read.
    package init(of request: RunRequest, mainFile: String?, places: [Int] = []) {
        var places = places.count == request.files.count ? places : Array(request.files.indices)
        var others = request.files
        var main: RunRequest.File?
        var field = "code"
        var sources: [Int?] = Array(request.files.indices)
        if let code = request.code {
            main = RunRequest.File(path: "", content: code)
            sources.insert(nil, at: 0)
        } else if let name = request.main ?? mainFile, let index = others.firstIndex(where: { $0.path == name }) {
            main = others.remove(at: index)
            sources.insert(sources.remove(at: index), at: 0)
            main?.path = ""
            field = "files[\(places.remove(at: index))].content"
        }
        self.main = main
        self.others = others
        mainField = field
        self.places = places
        self.sources = sources
    }

    /// The field with the name of another file.
    package func nameField(_ index: Int) -> String {
        "files[\(places.indices.contains(index) ? places[index] : index)].name"
    }
}
