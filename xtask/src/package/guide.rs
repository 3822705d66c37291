//! The files that a guide shows: each of its fenced blocks whose first line names one.

/// Names and texts.
pub fn files(guide: &str) -> Vec<(&str, &str)> {
    let fenced = guide.split("\n```").skip(1).step_by(2);
    fenced
        .filter_map(|block| block.split_once('\n'))
        .filter_map(|(_, file)| Some((named(file)?, file)))
        .collect()
}

/// `// src/First.kt`, `<!-- pom.xml -->`, `# x`.
fn named(file: &str) -> Option<&str> {
    let first = file.lines().next()?;
    let name = ["// ", "<!-- "].iter().find_map(|comment| first.strip_prefix(comment))?;
    let name = name.trim_end_matches(" -->");
    (name.contains('.') && !name.contains([' ', '\\']) && !name.starts_with('/')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_that_name_a_file_are_files() {
        let guide = "# Guide\n\n```xml\n<!-- pom.xml -->\n<project/>\n```\n\nand\n\n```kotlin\nval x = 1\n```\n\n```swift\n// Sources/First/main.swift\nprint(1)\n```\n";
        let pom = ("pom.xml", "<!-- pom.xml -->\n<project/>");
        let main = ("Sources/First/main.swift", "// Sources/First/main.swift\nprint(1)");
        assert_eq!(files(guide), [pom, main]);
        assert_eq!(files("```\n// a comment, no file.\n```"), []);
    }
}
