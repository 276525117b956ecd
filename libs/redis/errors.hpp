#pragma once

#include <stdexcept>
#include <string>

namespace chatflow::redis {

/// What calls to Redis throw. Catch this to catch all of them.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// No connection, or it was lost during the call: the command may have been carried out or not.
struct Unavailable : Error {
    using Error::Error;
};

/// There is no connection now: no server has heard of the command, which may be given again.
struct NotSent : Unavailable {
    using Unavailable::Unavailable;
};

/// The deadline passed: the command may have been, or may yet be, carried out.
struct Timeout : Error {
    using Error::Error;
};

/// Too many calls wait already; this one was not sent.
struct Overloaded : Error {
    using Error::Error;
};

/// The server refused the command: "WRONGTYPE Operation against …".
struct ServerError : Error {
    using Error::Error;

    /// The first word of the message: "NOSCRIPT", "READONLY", "NOAUTH", …
    [[nodiscard]] std::string code() const {
        const std::string text = what();
        return text.substr(0, text.find(' '));
    }
};

/// A reply of a kind that the command cannot have, or bytes that are not RESP.
struct ProtocolError : Error {
    using Error::Error;
};

}  // namespace chatflow::redis
