//! Bars.

/// A bar of `width` characters, filled to `fraction`, which is held within 0 and 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product lies between 0 and the width, which fits"
)]
pub(super) fn bar(fraction: f64, width: u16) -> String {
    let filled = (fraction.clamp(0.0, 1.0) * f64::from(width)).round() as usize;
    let width = usize::from(width);
    format!("{}{}", "█".repeat(filled), "░".repeat(width - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_longer_than_its_width() {
        assert_eq!(bar(0.0, 4), "░░░░");
        assert_eq!(bar(0.5, 4), "██░░");
        assert_eq!(bar(7.0, 4), "████");
        assert_eq!(bar(-1.0, 4), "░░░░");
        assert_eq!(bar(f64::NAN, 4), "░░░░");
    }
}
