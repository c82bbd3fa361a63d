use super::*;

#[test]
fn good_urls() {
    for (text, host, port, path, shown) in [
        ("http://a", "a", 80, "/", "http://a/"),
        ("http://a/", "a", 80, "/", "http://a/"),
        (
            "HTTP://Host.Example/P",
            "Host.Example",
            80,
            "/P",
            "http://Host.Example/P",
        ),
        ("http://a:1/x", "a", 1, "/x", "http://a:1/x"),
        ("http://a:65535", "a", 65535, "/", "http://a:65535/"),
        ("http://a:80/x", "a", 80, "/x", "http://a/x"),
        ("http://a:00080/x", "a", 80, "/x", "http://a/x"),
        (
            "http://1.2.3.4:8080/p.bmp",
            "1.2.3.4",
            8080,
            "/p.bmp",
            "http://1.2.3.4:8080/p.bmp",
        ),
        ("http://a?q=1", "a", 80, "/?q=1", "http://a/?q=1"),
        ("http://a/p?q=1#top", "a", 80, "/p?q=1", "http://a/p?q=1"),
        ("http://a#top", "a", 80, "/", "http://a/"),
        ("http://a:8#/x", "a", 8, "/", "http://a:8/"),
        (
            "http://a/u@h:9//x",
            "a",
            80,
            "/u@h:9//x",
            "http://a/u@h:9//x",
        ),
        (
            "http://a//b/../c%0d",
            "a",
            80,
            "//b/../c%0d",
            "http://a//b/../c%0d",
        ),
        (
            "http://my_host-1.local./",
            "my_host-1.local.",
            80,
            "/",
            "http://my_host-1.local./",
        ),
        ("http://1a.2b/", "1a.2b", 80, "/", "http://1a.2b/"),
        (
            "http://xn--bcher-kva.example/",
            "xn--bcher-kva.example",
            80,
            "/",
            "http://xn--bcher-kva.example/",
        ),
    ] {
        let url: HttpUrl = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            (url.host(), url.port(), url.path()),
            (host, port, path),
            "{text}"
        );
        assert_eq!(url.to_string(), shown, "{text}");
        assert_eq!(shown.parse(), Ok(url), "{text}");
    }
}

#[test]
fn bad_urls() {
    use UrlError::*;
    let port = |p: &str| Port(p.into());
    for (text, error) in [
        ("", NoScheme),
        ("example.org/x", NoScheme),
        ("http:/a", NoScheme),
        ("//a/b", NoScheme),
        ("https://a/", OtherScheme("https".into())),
        ("HTTPS://a/", OtherScheme("https".into())),
        ("ftp://a/", OtherScheme("ftp".into())),
        ("://a/", OtherScheme(String::new())),
        ("http://", NoHost),
        ("http:///x", NoHost),
        ("http://:80/", NoHost),
        ("http://?q", NoHost),
        ("http://a:/", port("")),
        ("http://a:0/", port("0")),
        ("http://a:65536/", port("65536")),
        (
            "http://a:99999999999999999999/",
            port("99999999999999999999"),
        ),
        ("http://a:+80/", port("+80")),
        ("http://a:-1/", port("-1")),
        ("http://a:80x/", port("80x")),
        ("http://a:0x50/", port("0x50")),
        ("http://user@a/", UserInfo),
        ("http://user:secret@a:80/", UserInfo),
        ("http://@a/", UserInfo),
        ("http://[::1]/", Ipv6),
        ("http://[::1]:80/", Ipv6),
        ("http://::1/", Ipv6),
        ("http://[v1.x]/", Ipv6),
        ("http://a:1:2/", Ipv6),
        ("http://a b/", Character(' ', 8)),
        (" http://a/", Character(' ', 0)),
        ("http://a/ ", Character(' ', 9)),
        ("http://a/x\r\nEvil: 1", Character('\r', 10)),
        ("http://a/x\ny", Character('\n', 10)),
        ("http://a\0b/", Character('\0', 8)),
        ("http://a/\t", Character('\t', 9)),
        ("http://a/\x7f", Character('\x7f', 9)),
        ("http://a/\u{85}", Character('\u{85}', 9)),
        ("http://b\u{fc}cher.example/", Character('\u{fc}', 8)),
        ("http://a\"b/", HostCharacter('"')),
        ("http://a\\b/", HostCharacter('\\')),
        ("http://a,b/", HostCharacter(',')),
        ("http://a%41/", HostCharacter('%')),
        ("http://a]/", HostCharacter(']')),
        ("http://a..b/", HostShape("a..b".into())),
        ("http://.a/", HostShape(".a".into())),
        ("http://./", HostShape(".".into())),
        ("http://a../", HostShape("a..".into())),
        ("http://-a/", HostShape("-a".into())),
        ("http://a-.b/", HostShape("a-.b".into())),
        ("http://1.2.3/", NotIpv4("1.2.3".into())),
        ("http://1.2.3.256/", NotIpv4("1.2.3.256".into())),
        ("http://1.2.3.4.5/", NotIpv4("1.2.3.4.5".into())),
        ("http://1.2.3.4./", NotIpv4("1.2.3.4.".into())),
        ("http://127.0.0.010/", NotIpv4("127.0.0.010".into())),
        ("http://2130706433/", NotIpv4("2130706433".into())),
    ] {
        assert_eq!(text.parse::<HttpUrl>(), Err(error), "{text:?}");
    }
}

#[test]
fn host_length_ends_at_the_limit() {
    for (length, good) in [
        (1, true),
        (63, true),
        (64, true),
        (65, false),
        (5000, false),
    ] {
        let host = "h".repeat(length);
        let url = format!("http://{host}:81/").parse::<HttpUrl>();
        let to = format!("{host}:81").parse::<HostPort>();
        match good {
            true => assert!(url.is_ok() && to.is_ok(), "{length}"),
            false => {
                assert_eq!(url, Err(UrlError::HostTooLong(length)));
                assert_eq!(to, Err(UrlError::HostTooLong(length)));
            }
        }
    }
}

#[test]
fn host_and_port() {
    use UrlError::*;
    for (text, error) in [
        ("", NoHost),
        ("a", NoPort),
        (":80", NoHost),
        ("a:", Port(String::new())),
        ("a:0", Port("0".into())),
        ("a:65536", Port("65536".into())),
        ("a:80/", Port("80/".into())),
        ("http://a:80", NotHostPort),
        ("u@a:80", UserInfo),
        ("[::1]:80", Ipv6),
        ("::1", Ipv6),
        ("a:80\n", Character('\n', 4)),
        ("a :80", Character(' ', 1)),
        ("a/b:80", HostCharacter('/')),
        ("1.2.3:80", NotIpv4("1.2.3".into())),
    ] {
        assert_eq!(text.parse::<HostPort>(), Err(error), "{text:?}");
    }
    let good: HostPort = "10.0.0.1:9000".parse().unwrap();
    assert_eq!(good.to_string(), "10.0.0.1:9000");
}

#[test]
fn every_short_text_is_answered_in_one_line() {
    // All texts of up to 4 characters from those that mean something.
    let letters = ['h', '1', ':', '/', '@', '[', '.', '-', '\n', '\u{20ac}'];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        let longer = texts
            .iter()
            .flat_map(|t| letters.iter().map(move |c| format!("{t}{c}")));
        texts = longer.chain([String::new()]).collect();
    }
    for text in texts {
        for result in [
            format!("http://{text}")
                .parse::<HttpUrl>()
                .map(|u| u.to_string()),
            text.parse::<HostPort>().map(|t| t.to_string()),
        ] {
            let shown = result.unwrap_or_else(|e| e.to_string());
            assert!(
                !shown.contains(|c: char| c.is_control()),
                "{text:?}: {shown:?}"
            );
        }
    }
}
