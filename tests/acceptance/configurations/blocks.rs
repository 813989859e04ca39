//! The fenced blocks of a Markdown page.

/// One fenced block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Line of its fence, from 1.
    pub(super) line: usize,
    /// What stands behind the fence.
    pub(super) language: String,
    /// What is between the fences, without their indentation.
    pub(super) text: String,
}

impl Block {
    /// Whether it is Terraform's language.
    pub(super) fn is_hcl(&self) -> bool {
        ["hcl", "terraform", "tf"].contains(&self.language.as_str())
    }
}

/// The blocks of a page, first to last. A block that is never closed ends with the page.
pub(super) fn list_blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((index, fence)) = lines.next() {
        let Some(language) = fence.trim_start().strip_prefix("```") else { continue };
        let indentation = &fence[..fence.len() - fence.trim_start().len()];
        let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
        let mut text = String::new();
        for line in inside {
            text.push_str(line.strip_prefix(indentation).unwrap_or(line));
            text.push('\n');
        }
        blocks.push(Block { line: index + 1, language: language.trim().to_owned(), text });
    }
    blocks
}

#[test]
fn blocks_are_found_with_line_language_and_text() {
    let page = "a\n```hcl\nx = 1\n```\n\n- item\n\n  ```shell\n  ls\n    -l\n  ```\n";
    let block = |line, language: &str, text: &str| Block {
        line,
        language: language.to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(list_blocks(page), [block(2, "hcl", "x = 1\n"), block(8, "shell", "ls\n  -l\n")]);
}
