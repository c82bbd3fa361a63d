//! Clients over a pseudo-terminal.
//!
//! The slave side stays open here, so that it keeps its raw mode and its baud rate while clients come and go.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embedded_io::Write as _;
use esp8285_sim::Dialect;
use esp8285_sim::live::LiveUart;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};

use super::{hear, say};

/// Serves for ever.
pub(crate) fn serve(uart: &LiveUart, link: &Path, dialect: Dialect, baud: u32) -> io::Result<()> {
    let pty = Pty::open(baud)?;
    // From before anybody can know the name.
    let clients = Clients::watch(&pty.path);
    let link = Link::make(link, &pty.path)?;
    let cleaner = link.clone();
    ctrlc::set_handler(move || {
        cleaner.remove();
        std::process::exit(0);
    })
    .map_err(io::Error::other)?;
    say(format_args!(
        "{dialect} modem on {} ({}); connect with: picocom -b {baud} --omap crcrlf {}",
        link.path.display(),
        pty.path.display(),
        link.path.display()
    ));
    pty.serve(uart, baud, clients)
}

/// The symbolic link that names the pseudo-terminal; it goes when this goes.
#[derive(Debug, Clone)]
struct Link {
    path: PathBuf,
    target: PathBuf,
}

impl Link {
    /// Makes it, replacing a link of an earlier run but nothing else.
    fn make(path: &Path, target: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_symlink()) {
            if !is_left_over(path)? {
                let to = fs::read_link(path)?;
                return Err(io::Error::new(
                    io::ErrorKind::AlreadyExists,
                    format!("it is a link to {}, not to a pseudo-terminal", to.display()),
                ));
            }
            fs::remove_file(path)?;
        }
        std::os::unix::fs::symlink(target, path).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::AlreadyExists => "something is there that is no link; it stays",
                io::ErrorKind::NotFound => "there is no such folder",
                _ => return error,
            };
            io::Error::new(error.kind(), hint)
        })?;
        Ok(Self {
            path: path.to_owned(),
            target: target.to_owned(),
        })
    }

    /// Removes it, unless somebody has pointed it elsewhere meanwhile.
    fn remove(&self) {
        if fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            // Nothing is left to do about a failure at the end.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Whether a symbolic link leads to a pseudo-terminal, or nowhere any more: a killed program leaves such links.
fn is_left_over(link: &Path) -> io::Result<bool> {
    match fs::canonicalize(link) {
        Ok(real) => Ok(real.parent() == Some(Path::new("/dev/pts"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

struct Pty {
    master: File,
    slave: OwnedFd,
    path: PathBuf,
}

impl Pty {
    fn open(baud: u32) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let path = PathBuf::from(name.to_string_lossy().into_owned());
        let slave = open(
            &path,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let mut settings = tcgetattr(&slave)?;
        settings.make_raw();
        settings.set_speed(baud)?;
        tcsetattr(&slave, OptionalActions::Now, &settings)?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        Ok(Self {
            master: File::from(master),
            slave,
            path,
        })
    }

    fn serve(&self, uart: &LiveUart, baud: u32, mut clients: Clients) -> io::Result<()> {
        let (master, slave) = (self.master.try_clone()?, self.slave.try_clone()?);
        let (to_modem, mut from_modem) = (uart.clone(), uart.clone());
        std::thread::spawn(move || listen(&master, &slave, to_modem, baud));
        let mut buffer = [0; 1_024];
        loop {
            let length = hear(&mut from_modem, &mut buffer, Duration::from_millis(50))?;
            let mut rest = &buffer[..length];
            loop {
                if clients.update() {
                    // What was said to the previous client is not for this one.
                    let _ = tcflush(&self.slave, QueueSelector::IFlush);
                }
                // Without a client, what the modem says is lost, as on a line nobody listens to.
                if rest.is_empty() || !clients.present() {
                    break;
                }
                match (&self.master).write(rest) {
                    Ok(written) => rest = &rest[written..],
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        wait(&self.master, PollFlags::OUT, 50);
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

/// Passes on what the client says, at the baud rate the client has set.
fn listen(mut master: &File, slave: &OwnedFd, mut uart: LiveUart, mut baud: u32) {
    let mut buffer = [0; 1_024];
    loop {
        wait(master, PollFlags::IN, 1_000);
        match master.read(&mut buffer) {
            Ok(length) => {
                let speed = tcgetattr(slave).map_or(baud, |settings| settings.output_speed());
                if speed != baud && speed > 0 {
                    baud = speed;
                    uart.set_baud(baud);
                }
                let Ok(()) = uart.write_all(&buffer[..length]);
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                ) => {}
            // Cannot happen while the slave is open here; not worth spinning over.
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

fn wait(master: &File, what: PollFlags, ms: i64) {
    let mut fds = [PollFd::new(master, what)];
    let limit = Timespec {
        tv_sec: ms / 1_000,
        tv_nsec: (ms % 1_000) * 1_000_000,
    };
    // An early return only means one more look.
    let _ = poll(&mut fds, Some(&limit));
}

/// Counts who has the slave side open, where the system tells.
struct Clients {
    watch: Option<OwnedFd>,
    open: usize,
}

impl Clients {
    #[cfg(target_os = "linux")]
    fn watch(path: &Path) -> Self {
        use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
        let watch = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).and_then(|watch| {
            add_watch(&watch, path, WatchFlags::OPEN | WatchFlags::CLOSE).map(|_| watch)
        });
        Self {
            watch: watch.ok(),
            open: 0,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn watch(_path: &Path) -> Self {
        Self {
            watch: None,
            open: 0,
        }
    }

    /// Takes note of who came and went; whether a first client has come.
    #[cfg(target_os = "linux")]
    fn update(&mut self) -> bool {
        use rustix::fs::inotify::{ReadFlags, Reader};
        use std::mem::MaybeUninit;
        let Some(watch) = &self.watch else {
            return false;
        };
        let mut buffer = [MaybeUninit::uninit(); 512];
        let mut reader = Reader::new(watch, &mut buffer);
        let mut first = false;
        while let Ok(event) = reader.next() {
            if event.events().contains(ReadFlags::OPEN) {
                first |= self.open == 0;
                self.open += 1;
            } else if event
                .events()
                .intersects(ReadFlags::CLOSE_WRITE | ReadFlags::CLOSE_NOWRITE)
            {
                self.open = self.open.saturating_sub(1);
            }
        }
        first
    }

    #[cfg(not(target_os = "linux"))]
    fn update(&mut self) -> bool {
        false
    }

    /// Whether anybody listens; assumed where that cannot be known.
    fn present(&self) -> bool {
        self.watch.is_none() || self.open > 0
    }
}
