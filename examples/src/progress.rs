//! A bar for people, one line for logs.
//!
//! ```
//! use examples::progress::Progress;
//!
//! let mut progress = Progress::start("picture.bmp", Some(2000), true);
//! progress.advance(1500);
//! progress.advance(500);
//! progress.finish();
//! // stderr: picture.bmp: 2000 bytes in 0.0 s, 2000.0 kB/s
//! ```
//!
//! While it lasts there is a bar, or a count when the total is unknown, but
//! only where standard error is a terminal. The final line comes everywhere.
//! Dropping without [`finish`](Progress::finish) leaves no line, because then
//! the failure's message follows.
//!
//! Limits: kB are 1000 bytes; the rate is the mean over the whole time.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A transfer under way.
#[derive(Debug)]
pub struct Progress {
    label: String,
    bytes: u64,
    start: Instant,
    bar: ProgressBar,
}

impl Progress {
    /// Begins. `bar` is whether a bar is welcome: beside a trace it is not.
    #[must_use]
    pub fn start(label: &str, total: Option<u64>, bar: bool) -> Self {
        let target = match bar && io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        Self::on(target, label, total)
    }

    fn on(target: ProgressDrawTarget, label: &str, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => {
                "{msg} [{bar:24}] {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}"
            }
            None => "{msg} {spinner} {decimal_bytes} {decimal_bytes_per_sec}",
        };
        let label: String = label.chars().flat_map(char::escape_debug).collect();
        let bar = ProgressBar::with_draw_target(total, target).with_message(label.clone());
        // The templates are constants of this file and correct; see the tests.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            label,
            bytes: 0,
            start: Instant::now(),
            bar,
        }
    }

    /// So many more bytes are through.
    pub fn advance(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.bar.set_position(self.bytes);
    }

    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Removes the bar and writes the final line to standard error.
    pub fn finish(self) {
        let line = summary(&self.label, self.bytes, self.start.elapsed());
        drop(self);
        let _ = writeln!(io::stderr(), "{line}");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The final line: bytes, seconds and kB/s.
#[must_use]
pub fn summary(label: &str, bytes: u64, time: Duration) -> String {
    // A clock that has not moved shall not make the rate infinite.
    let seconds = time.as_secs_f64().max(0.001);
    let rate = bytes as f64 / 1000.0 / seconds;
    format!("{label}: {bytes} bytes in {seconds:.1} s, {rate:.1} kB/s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::TermLike;
    use std::sync::{Arc, Mutex};

    /// A terminal that remembers what was written and forgets cleared lines.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            100
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is on the screen in the middle and after the end.
    fn drawn(total: Option<u64>, bytes: u64) -> (String, String) {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let mut progress = Progress::on(target, "p\n.bmp", total);
        progress.advance(bytes);
        progress.bar.force_draw();
        let middle = screen.0.lock().unwrap().clone();
        drop(progress);
        let end = screen.0.lock().unwrap().clone();
        (middle, end)
    }

    #[test]
    fn the_bar_shows_known_and_unknown_totals_and_goes_away() {
        let (middle, end) = drawn(Some(2000), 1000);
        assert!(middle.contains("p\\n.bmp [============>"), "{middle:?}");
        assert!(middle.contains("1.00 kB/2.00 kB"), "{middle:?}");
        assert_eq!(end, "");
        let (middle, end) = drawn(None, 1000);
        assert!(middle.contains("p\\n.bmp "), "{middle:?}");
        assert!(middle.contains("1.00 kB "), "{middle:?}");
        assert_eq!(end, "");
    }

    #[test]
    fn more_than_the_total_is_no_disaster() {
        for total in [Some(0), Some(1), None] {
            let mut progress = Progress::start("x", total, true);
            progress.advance(u64::MAX);
            progress.advance(1);
            assert_eq!(progress.bytes(), u64::MAX);
        }
    }

    #[test]
    fn the_final_line_has_bytes_seconds_and_rate() {
        let line = |bytes, ms| summary("x", bytes, Duration::from_millis(ms));
        assert_eq!(line(57_654, 1200), "x: 57654 bytes in 1.2 s, 48.0 kB/s");
        assert_eq!(line(0, 0), "x: 0 bytes in 0.0 s, 0.0 kB/s");
        assert_eq!(line(500, 0), "x: 500 bytes in 0.0 s, 500.0 kB/s");
    }
}
