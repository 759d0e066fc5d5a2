import Foundation
import TestSupport
import Testing

@Suite("Jupyter's REST", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct JupyterRestTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    private func list(_ path: String) throws -> [[String: Any]] {
        try JSONSerialization.jsonObject(with: Data(try service.get(path).text.utf8)) as? [[String: Any]] ?? []
    }

    @Test("Version, kernelspecs, kernels, status")
    func kernels() throws {
        #expect(try service.get("/api?1700000000000").json["version"] is String)
        let specs = try service.get("/api/kernelspecs").json
        #expect(specs["default"] as? String == "python3")
        let python = (specs["kernelspecs"] as? [String: [String: Any]])?["python3"]
        #expect((python?["spec"] as? [String: Any])?["language"] as? String == "python")
        #expect(try service.get("/api/kernelspecs/python").json["name"] as? String == "python3")
        // What gateways' clients send: no content type, variables, some of which no interpreter can have.
        let made = try service.request(
            "POST", "/api/kernels", body: #"{"name": "python3", "path": "x", "env": {"KERNEL_A": "1", "no name": "2"}}"#
        )
        try #require(made.status == 201, "\(made.text)")
        let id = try #require(made.json["id"] as? String)
        #expect(made.headers["location"] == "/api/kernels/\(id)")
        #expect(try list("/api/kernels").contains { $0["id"] as? String == id })
        #expect(try service.get("/api/status").json["kernels"] as? Int ?? 0 > 0)
        // It is a session, and each session is a kernel.
        let session = id.replacing("-", with: "")
        #expect(repr(try service.cell("/api/v1/sessions/\(session)", "import os; os.environ['KERNEL_A']")) == "'1'")
        #expect(try service.delete("/api/kernels/\(id)").status == 204)
        #expect(try service.get("/api/kernels/\(id)").status == 404)
        let other = try service.makeSession()
        let digits = try #require(other.split(separator: "/").last.map(String.init))
        #expect(try list("/api/kernels").contains { ($0["id"] as? String)?.replacing("-", with: "") == digits })
        _ = try service.delete(other)
    }

    @Test(
        "Errors have Jupyter's shape",
        arguments: [
            ("GET", "/api/kernels/x", nil, 404), ("POST", "/api/kernels", #"{"name": "nobody"}"#, 404),
            ("POST", "/api/kernels", "[", 400), ("POST", "/api/kernels", #"{"name": 1}"#, 400),
            ("POST", "/api/kernels", #"{"env": {"A": {}}}"#, 400), ("PUT", "/api/kernels", nil, 405),
            ("GET", "/api/kernelspecs/x", nil, 404), ("POST", "/api/sessions", "{}", 400),
            ("GET", "/api/nothing", nil, 404), ("GET", "/api/terminals/9", nil, 404),
            ("GET", "/api/kernels/x/channels", nil, 426),
        ] as [(String, String, String?, Int)])
    func errors(method: String, path: String, body: String?, status: Int) throws {
        let answer = try service.request(method, path, body: body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.json["message"] is String && answer.json["reason"] is String)
    }

    @Test("A page of another origin makes no kernel and opens no channels")
    func origins() throws {
        let foreign = ["Origin: https://example.org"]
        #expect(try service.request("POST", "/api/kernels", body: "{}", headers: foreign).status == 403)
        let kernel = try JupyterKernel.make(service)
        let path = "/api/kernels/\(kernel.id)"
        #expect(try service.request("DELETE", path, body: nil as String?, headers: foreign).status == 403)
        #expect(try !Socket(service, protocols: nil, headers: foreign, path: path + "/channels").isOpen)
        #expect(try service.delete(path).status == 204)
    }

    @Test("A document's session: made once, changed, ended with its kernel")
    func documents() throws {
        let path = UUID().uuidString + ".ipynb"
        let body: [String: Any] = ["path": path, "type": "notebook", "name": "", "kernel": ["name": "python3"]]
        let made = try service.post("/api/sessions", body)
        try #require(made.status == 201, "\(made.text)")
        let id = try #require(made.json["id"] as? String)
        #expect(try service.post("/api/sessions", body).json["id"] as? String == id)
        #expect(try list("/api/sessions").contains { $0["id"] as? String == id })
        let kernel = try #require((made.json["kernel"] as? [String: Any])?["id"] as? String)
        let moved = try service.request("PATCH", "/api/sessions/\(id)", body: #"{"path": "b.ipynb"}"#)
        #expect(moved.status == 200 && moved.json["path"] as? String == "b.ipynb")
        let other = try service.request("PATCH", "/api/sessions/\(id)", body: #"{"kernel": {"name": "python3"}}"#)
        #expect((other.json["kernel"] as? [String: Any])?["id"] as? String != kernel)
        #expect(try service.get("/api/kernels/\(kernel)").status == 404)
        #expect(try service.delete("/api/sessions/\(id)").status == 204)
        #expect(try service.get("/api/sessions/\(id)").status == 404)
    }

    @Test("A terminal: size, input, output, end")
    func terminal() throws {
        let made = try service.post("/api/terminals", [:])
        try #require(made.status == 201, "\(made.text)")
        let name = try #require(made.json["name"] as? String)
        #expect(try list("/api/terminals").contains { $0["name"] as? String == name })
        let socket = try Socket(service, protocols: nil, path: "/terminals/websocket/\(name)")
        socket.send(text: #"["set_size", 33, 101]"#)
        socket.send(text: #"["stdin", "stty size; echo $((6*7))x\r"]"#)
        #expect(socket.lists { $0.contains("33 101") && $0.contains("42x") })
        // A second more than the processor time that the policy `terminal` allows, which is the one for long-lived shells.
        socket.send(text: #"["stdin", "ulimit -t\r"]"#)
        #expect(socket.lists { $0.contains("601") })
        socket.send(text: #"["stdin", "exit\r"]"#)
        #expect(socket.closeCode() == 1000)
        #expect(try service.eventually { try service.get("/api/terminals/\(name)").status == 404 })
    }

    @Test("Keys as Jupyter's clients send them; kernels of another key do not exist")
    func keys() throws {
        let directory = NSTemporaryDirectory() + "nestbox-keys-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let file = directory + "/keys"
        let (mine, theirs) = (try Self.key(file, "mine"), try Self.key(file, "theirs"))
        chmod(directory, 0o755)
        chmod(file, 0o644)
        let service = try Service(["--auth", "required", "--keys", file])
        defer { service.stop() }
        let token = ["Authorization: token \(mine)"]
        let made = try service.request("POST", "/api/kernels", body: "{}", headers: token)
        try #require(made.status == 201, "\(made.text)")
        let path = "/api/kernels/\(try #require(made.json["id"] as? String))"
        #expect(try service.get(path + "?token=\(mine)").status == 200)
        #expect(
            try service.request("GET", path, body: nil as String?, headers: ["Authorization: Bearer \(mine)"]).status
                == 200)
        #expect(try service.get(path).status == 401)
        #expect(try service.get(path + "?token=").status == 401)
        #expect(try service.get(path + "?token=\(theirs)").status == 404)
        #expect(try service.request("GET", path + "?token=\(mine)", body: nil as String?, headers: token).status == 401)
        // On other paths they are no keys.
        #expect(try service.get("/api/v1/languages?token=\(mine)").status == 401)
        #expect(try service.request("GET", "/api/v1/languages", body: nil as String?, headers: token).status == 401)
        #expect(try Socket(service, protocols: nil, path: path + "/channels?token=\(mine)").isOpen)
        #expect(try !Socket(service, protocols: nil, path: path + "/channels").isOpen)
        #expect(try Socket(service, protocols: nil, path: path + "/channels?token=\(theirs)").closeCode() == 4404)
    }

    private static func key(_ file: String, _ name: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Service.products) + "/nestbox")
        process.arguments = ["key", "create", "--keys", file, name]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return try #require(text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("nbx_") }.map(String.init))
    }
}

extension Socket {
    /// Reads messages that are lists, until their texts together are as they should be.
    fileprivate func lists(_ isEnough: (String) -> Bool) -> Bool {
        var text = ""
        while !isEnough(text) {
            guard let (opcode, payload) = frame(), opcode == 1 else { return false }
            let list = (try? JSONSerialization.jsonObject(with: Data(payload))) as? [Any]
            text += list?.last as? String ?? ""
        }
        return true
    }
}
