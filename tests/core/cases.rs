//! What is configured, one case after the other on the same object, and what must come of it.

/// One configuration.
pub(crate) struct Case {
    /// What it is about.
    pub(crate) name: &'static str,
    /// Inside of the resource; empty: there is none.
    pub(crate) body: &'static str,
    /// What `local.u` is; it is unknown in the plan whenever this differs from the case before.
    pub(crate) u: &'static str,
    /// What must come of it.
    pub(crate) expected: Expected,
}

pub(crate) enum Expected {
    /// The apply succeeds and the next plan is empty.
    Quiet,
    /// The apply fails with this text.
    Refused(&'static str),
}

const fn quiet(name: &'static str, body: &'static str) -> Case {
    Case { name, body, u: "one", expected: Expected::Quiet }
}

const fn unknown(name: &'static str, u: &'static str, body: &'static str) -> Case {
    Case { name, body, u, expected: Expected::Quiet }
}

const fn refused(name: &'static str, text: &'static str, body: &'static str) -> Case {
    Case { name, body, u: "one", expected: Expected::Refused(text) }
}

/// The order matters: each case is an update of the one before.
pub(crate) const CASES: &[Case] = &[
    quiet("create with almost nothing", r#"name = "abc""#),
    quiet("another spelling", r#"name = "AbC""#),
    quiet("a fraction", "name = \"abc\"\nsize = 0.1"),
    quiet("many digits", "name = \"abc\"\nsize = 123456789012345678901234567890"),
    quiet("2^63", "name = \"abc\"\nsize = 9223372036854775808"),
    quiet("a third", "name = \"abc\"\nsize = 1/3"),
    quiet("remove what the provider may determine", "name = \"abc\"\ntags = { a = \"b\" }"),
    quiet("one member of an object", "name = \"abc\"\nsingle = { a = \"1\" }"),
    quiet("another member instead", "name = \"abc\"\nsingle = { b = \"1\" }"),
    quiet("remove the object", "name = \"abc\""),
    quiet("both members", "name = \"abc\"\nsingle = { a = \"1\", b = \"2\" }"),
    quiet("remove the object with what only the user sets", "name = \"abc\""),
    quiet("an optional object", "name = \"abc\"\nopt = { x = \"abc\" }"),
    quiet("its member respelled", "name = \"abc\"\nopt = { x = \"ABC\" }"),
    quiet("its member respelled beside a change", "name = \"abc\"\nopt = { x = \"aBC\", o = 8 }"),
    quiet("a list", "name = \"abc\"\nlist = [{ x = \"1\" }, { x = \"2\", y = \"yy\" }]"),
    quiet(
        "a list reordered and longer",
        "name = \"abc\"\nlist = [{ x = \"2\", y = \"yy\" }, { x = \"1\" }, { x = \"3\", z = 5 }]",
    ),
    quiet("an empty list", "name = \"abc\"\nlist = []"),
    quiet("no list", "name = \"abc\""),
    quiet("a map", "name = \"abc\"\nmap = { k = { x = \"1\" }, j = { x = \"2\" } }"),
    quiet("another key", "name = \"abc\"\nmap = { k = { x = \"1\" }, l = { x = \"2\", o = 1.5 } }"),
    quiet("a set", "name = \"abc\"\nset = [{ x = \"1\" }, { x = \"2\", o = 3 }]"),
    quiet("other elements", "name = \"abc\"\nset = [{ x = \"1\" }, { x = \"3\" }]"),
    quiet("a list that the provider may determine", "name = \"abc\"\noclist = [{ x = \"1\" }]"),
    quiet("remove that list", "name = \"abc\""),
    quiet("instead of a default", "name = \"abc\"\ndflt = [\"a\", \"b\"]"),
    quiet("the default", "name = \"abc\""),
    quiet("a value of any type", "name = \"abc\"\nanything = { a = [1, \"x\", true] }"),
    quiet("a value of another type", "name = \"abc\"\nanything = \"s\""),
    quiet(
        "a write-only value and duplicates",
        "name = \"abc\"\nsecret = \"s3\"\nstrings = [\"a\", \"a\", \"b\"]",
    ),
    quiet("replace", "name = \"xyz\"\nlist = [{ x = \"1\" }]"),
    unknown("unknown what replaces", "two", r#"name = "n-${local.u}""#),
    unknown(
        "unknown inside of collections",
        "three",
        "name = \"abc\"\nlist = [{ x = local.u }, { x = \"k\", y = local.u }]\nstrings = [\"a\", local.u]\n\
         tags = { a = local.u }",
    ),
    unknown(
        "unknown, then the same in another spelling",
        "THREE",
        "name = \"abc\"\nlist = [{ x = local.u }, { x = \"k\", y = local.u }]\nstrings = [\"three\", local.u]",
    ),
    unknown(
        "unknown inside of a set, a map and any type",
        "four",
        "name = \"abc\"\nset = [{ x = local.u }, { x = \"k\" }]\nmap = { k = { x = local.u } }\nanything = local.u",
    ),
    unknown(
        "unknown as a whole",
        "fiver",
        "name = \"abc\"\nset = [for i in range(length(local.u)) : { x = tostring(i) }]\n\
         list = [for i in range(length(local.u)) : { x = tostring(i) }]\n\
         single = local.u == \"x\" ? null : { a = local.u }\nsize = length(local.u)",
    ),
    unknown(
        "unknown, then null",
        "six",
        "name = \"abc\"\nsingle = { b = local.u }\nopt = local.u == \"six\" ? null : { x = local.u }\n\
         dflt = [local.u]",
    ),
    quiet("text that is not normalised", "name = \"e\\u0301\"\nopt = { x = \"e\\u0301\" }"),
    refused("a null in a map", "Invalid value for tags[\"a\"]", "name = \"abc\"\ntags = { a = null }"),
    refused("a null for what is required", "Missing value for opt.x", "name = \"abc\"\nopt = { x = null }"),
    quiet("ignored changes", "name = \"abc\"\nsize = 77\nlifecycle { ignore_changes = [size] }"),
    quiet("destroy", ""),
];
