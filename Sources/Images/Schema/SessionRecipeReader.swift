internal import ConfigurationFiles
internal import SandboxSpec

/// Reads `session` of an `image.yaml`, and the driver that it names.
struct SessionRecipeReader {
    private static let driverForm =
        "a file beside image.yaml of 1 to \(SessionRecipe.maximumDriverBytes) bytes, named by letters, digits and _ . -"

    let reader: MappingReader
    let commands: ImageReader

    func session() -> SessionRecipe? {
        guard let inner = reader.mapping("session") else { return nil }
        inner.rejectKeys(notIn: ["driver", "run", "warm", "env"])
        let name = driverName(in: inner)
        let driver = name.flatMap { self.driver($0, in: inner) }
        let run = commands.command("run", in: inner)
        if let run { checkCommand(run, driver: name, in: inner) }
        let environment = commands.variables("env", in: inner)
        let warm = commands.warmth(in: inner, takesScript: false)
        guard let name, let driver, let run else { return nil }
        return SessionRecipe(file: name, driver: driver, run: run.words, environment: environment, warm: warm)
    }

    private func driverName(in inner: MappingReader) -> String? {
        guard let text = inner.string("driver", required: true, maximumBytes: Interpreter.maximumScriptBytes) else {
            return nil
        }
        guard Interpreter.isScript(text.value) else {
            inner.reject("driver", found: ConfigurationDiagnostic.quote(text.value), allowed: Self.driverForm)
            return nil
        }
        return text.value
    }

    private func driver(_ name: String, in inner: MappingReader) -> [UInt8]? {
        do throws(ImageError) {
            let bytes = try RootFileInstaller.contents(
                of: "\(commands.directory)/\(name)", limit: SessionRecipe.maximumDriverBytes)
            if !bytes.isEmpty { return bytes }
            inner.reject("driver", found: "an empty file", allowed: Self.driverForm)
        } catch {
            inner.reject(
                "driver", found: ConfigurationDiagnostic.quote(name), allowed: Self.driverForm, hint: error.message)
        }
        return nil
    }

    /// There is no program whose names could stand in it, and it has to start the driver.
    private func checkCommand(_ run: CommandTemplate, driver: String?, in inner: MappingReader) {
        if let place = CommandTemplate.Placeholder.allCases.first(where: run.has) {
            inner.reject("run", found: place.rawValue, allowed: "a command without places: a session has no main file")
        } else if let driver, !run.words.dropFirst().contains(driver) {
            inner.reject(
                "run", found: "a command without \(driver)", allowed: "one with the driver's name as an argument")
        }
    }
}
