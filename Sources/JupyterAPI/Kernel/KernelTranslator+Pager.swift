internal import RunModel
internal import SessionModel
internal import StrictJSON

/// `name?` in place of a cell: what IPython answers by showing the documentation in the front end's pager.
struct PagerRequest: Sendable, Equatable {
    /// A name, with dots in it, and no call.
    let name: String
    let detail: Int

    /// - Returns: nil for a text that is something else.
    init?(_ code: String) {
        guard code.utf8.count <= 512 else { return nil }
        let text = code.filter { $0 != " " && $0 != "\n" }
        let front = text.prefix { $0 == "?" }.count
        let back = text.reversed().prefix { $0 == "?" }.count
        guard (1...2).contains(front + back), front == 0 || back == 0 else { return nil }
        let name = text.dropFirst(front).dropLast(back)
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            guard let first = part.unicodeScalars.first, first == "_" || first.properties.isXIDStart else {
                return false
            }
            return part.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
        }
        guard isName else { return nil }
        self.name = String(name)
        detail = front + back - 1
    }

    var query: SessionQuery { .inspect(code: name, cursor: name.unicodeScalars.count, detail: detail) }
}

extension KernelTranslator {
    /// The answer to such a cell, as if it had been executed.
    mutating func page(
        _ execute: ExecuteRequest, _ request: Request, name: String, found: Bool, data: [MimeItem]
    ) -> [Draft] {
        var drafts = [status("busy", request.parent)]
        if !execute.silent {
            let number = noteInput(execute.code, storesHistory: execute.storeHistory)
            drafts.append(
                iopub("execute_input", request.parent) { output in
                    output.member("code", execute.code)
                    output.member("execution_count", number)
                })
        }
        if !found { drafts.append(Self.stream("stdout", "Object `\(name)` not found.\n", request.parent)) }
        drafts.append(
            draft(request.line, request.channel, "execute_reply", request.parent) { output in
                output.member("status", "ok")
                output.member("execution_count", count)
                output.key("payload")
                output.array(found ? [data] : []) { output, data in
                    output.open()
                    output.member("source", "page")
                    output.key("data")
                    output.mime(data)
                    output.member("start", 0)
                    output.close()
                }
                output.part("user_expressions", JSONParts.empty)
            })
        drafts.append(status("idle", request.parent))
        if running != nil { drafts.append(status("busy", lastParent)) }
        return drafts
    }
}
