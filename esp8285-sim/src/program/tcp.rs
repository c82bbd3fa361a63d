//! Clients over TCP, one after another; the modem keeps its state in between.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use embedded_io::Write as _;
use esp8285_sim::Dialect;
use esp8285_sim::live::LiveUart;

use super::{hear, say};

/// Serves for ever.
pub(crate) fn serve(uart: &LiveUart, address: &str, dialect: Dialect) -> io::Result<()> {
    // TCP has no baud rate to disagree about.
    uart.follow_baud();
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => {
            let hint = "the form is ADDR:PORT, such as 127.0.0.1:8266";
            io::Error::new(error.kind(), format!("{error}; {hint}"))
        }
        _ => error,
    })?;
    let own = listener.local_addr()?;
    say(format_args!(
        "{dialect} modem on {own}; connect with: nc -C {} {}",
        own.ip(),
        own.port()
    ));
    let client: Arc<Mutex<Option<TcpStream>>> = Arc::default();
    let current = Arc::clone(&client);
    let (to_modem, mut from_modem) = (uart.clone(), uart.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            match stream {
                Ok(stream) => listen_to(stream, &current, to_modem.clone()),
                // Out of descriptors, perhaps: not worth spinning over.
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    });
    let mut buffer = [0; 4_096];
    loop {
        let length = hear(&mut from_modem, &mut buffer, Duration::from_secs(1))?;
        let stream = {
            let client = client.lock().unwrap_or_else(PoisonError::into_inner);
            client.as_ref().and_then(|stream| stream.try_clone().ok())
        };
        // Without a client, what the modem says is lost, as on a line nobody listens to.
        if let Some(mut stream) = stream {
            let _ = stream.write_all(&buffer[..length]);
        }
    }
}

/// Passes on what a client says, until it goes.
fn listen_to(mut stream: TcpStream, current: &Mutex<Option<TcpStream>>, mut uart: LiveUart) {
    let _ = stream.set_nodelay(true);
    *current.lock().unwrap_or_else(PoisonError::into_inner) = stream.try_clone().ok();
    let mut buffer = [0; 1_024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                let Ok(()) = uart.write_all(&buffer[..length]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    *current.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
