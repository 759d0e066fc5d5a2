import FoundationEssentials
import RunModel
import Testing

/// The table of errors in docs/api.md is what the service answers.
@Suite struct HTTPStatusTests {
    private func table() throws -> [(code: String, status: Int)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = String(decoding: try Data(contentsOf: root.appending(path: "docs/api.md")), as: UTF8.self)
        return text.split(separator: "\n").flatMap { line -> [(String, Int)] in
            let cells = line.split(separator: "|")
            guard cells.count == 2, let status = Int(cells[0].filter { $0 != " " }) else { return [] }
            // Words in backquotes that are all capitals.
            return cells[1].split(separator: "`").filter { word in
                word.count > 4 && word.allSatisfy { $0.isASCII && ($0.isUppercase || $0 == "_") }
            }.map { (String($0), status) }
        }
    }

    @Test func everyCodeHasTheStatusOfTheDocumentation() throws {
        let table = try table()
        #expect(table.count > 25)
        for (code, status) in table {
            #expect(APIError(APIError.Code(rawValue: code), "").httpStatus == status, "\(code)")
        }
    }

    @Test func whatIsNotInTheTableIsAFaultOfOurs() {
        #expect(APIError(.sandboxFailed, "").httpStatus == 500)
        #expect(APIError(.init(rawValue: "SOMETHING_NEW"), "").httpStatus == 500)
    }
}
