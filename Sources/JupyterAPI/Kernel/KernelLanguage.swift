package import Images
internal import RunModel

/// A language as Jupyter's clients see it: a kernelspec, and what `kernel_info_reply` says of it.
package struct KernelLanguage: Sendable, Equatable {
    /// The kernel's name: that of the image, but `python3` for Python, which notebooks name.
    package let name: String
    /// Other names it may be asked for.
    let aliases: [String]
    /// The name of the image.
    let image: String
    let displayName: String
    let language: String
    let version: String
    let fileExtension: String
    let mimeType: String
    let pygmentsLexer: String
    let codemirrorMode: String

    /// - Parameter version: the exact one, as far as it is known here.
    /// - Returns: nil for a language without sessions.
    package init?(_ image: Image, version: String?) {
        guard image.session != nil else { return nil }
        self.image = image.name
        name = image.name == "python" ? "python3" : image.name
        aliases = image.name == "python" ? ["python"] + image.aliases.filter { $0 != "python3" } : image.aliases
        displayName = image.name == "python" ? "Python 3 (Nestbox)" : "\(image.description) (Nestbox)"
        let own = image.language.lowercased()
        language = Self.languages[own] ?? own
        self.version = version ?? ""
        fileExtension = "." + (image.extensions.first ?? (own == "python" ? "py" : "txt"))
        let known = Self.known[own] ?? Self.known[language]
        mimeType = known?.mime ?? "text/plain"
        pygmentsLexer = known?.lexer ?? "text"
        codemirrorMode = known?.mode ?? image.editor ?? "null"
    }

    /// What Jupyter calls languages that have another name here.
    private static let languages = ["node": "javascript", "sqlite": "sql", "r": "R", "python-data": "python"]

    /// By the language's name here: media type, and the names that Pygments and CodeMirror have for it.
    private static let known: [String: (mime: String, lexer: String, mode: String)] = [
        "python": ("text/x-python", "ipython3", "python"),
        "node": ("text/javascript", "javascript", "javascript"),
        "typescript": ("text/typescript", "typescript", "text/typescript"),
        "bash": ("text/x-sh", "bash", "shell"),
        "ruby": ("text/x-ruby", "ruby", "ruby"),
        "r": ("text/x-r-source", "r", "r"),
        "php": ("text/x-php", "php", "php"),
        "lua": ("text/x-lua", "lua", "lua"),
        "perl": ("text/x-perl", "perl", "perl"),
        "java": ("text/x-java", "java", "text/x-java"),
        "octave": ("text/x-octave", "octave", "octave"),
        "sqlite": ("text/x-sql", "sql", "text/x-sql"),
        "haskell": ("text/x-haskell", "haskell", "haskell"),
        "ocaml": ("text/x-ocaml", "ocaml", "text/x-ocaml"),
        "elixir": ("text/x-elixir", "elixir", "elixir"),
        "racket": ("text/x-scheme", "racket", "scheme"),
        "scheme": ("text/x-scheme", "scheme", "scheme"),
        "lisp": ("text/x-common-lisp", "common-lisp", "commonlisp"),
        "prolog": ("text/x-prolog", "prolog", "prolog"),
    ]

    func isNamed(_ text: String) -> Bool { text == name || text == image || aliases.contains(text) }

    /// An entry of `GET /api/kernelspecs`.
    func writeSpec(to output: inout JSONBytes) {
        output.open()
        output.key("name")
        output.string(name)
        output.key("spec")
        output.open()
        // Nothing is started on the client's machine; clients want the member.
        output.key("argv")
        output.array([String]()) { $0.string($1) }
        output.key("display_name")
        output.string(displayName)
        output.key("env")
        output.open()
        output.close()
        output.key("interrupt_mode")
        output.word("message")
        output.key("language")
        output.string(language)
        output.key("metadata")
        output.open()
        output.close()
        output.close()
        output.key("resources")
        output.open()
        output.close()
        output.close()
    }

    /// `language_info` of `kernel_info_reply`.
    func writeInfo(to output: inout JSONBytes) {
        output.open()
        output.key("codemirror_mode")
        if language == "python" {
            output.raw(Array(#"{"name":"ipython","version":3}"#.utf8))
        } else {
            output.string(codemirrorMode)
        }
        output.key("file_extension")
        output.string(fileExtension)
        output.key("mimetype")
        output.string(mimeType)
        output.key("name")
        output.string(language)
        output.key("nbconvert_exporter")
        output.string(language == "python" ? "python" : "script")
        output.key("pygments_lexer")
        output.string(pygmentsLexer)
        output.key("version")
        output.string(version)
        output.close()
    }
}
