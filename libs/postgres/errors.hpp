#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace chatflow::postgres {

/// What Pool::run throws besides the caller's own exceptions.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// No connection, a server that starts, stops or is a standby, or a connection lost on the way:
/// a statement under way may have been carried out.
struct Unavailable : Error {
    using Error::Error;
};

/// The deadline, the wait for a connection or the statement timeout is over; a statement under
/// way may have been carried out.
struct Timeout : Error {
    using Error::Error;
};

/// Too many calls wait for a connection; this one was not started.
struct Overloaded : Error {
    using Error::Error;
};

/// The row is there already (SQLSTATE 23505). The message names the constraint.
struct UniqueViolation : Error {
    using Error::Error;
};

/// Two transactions got in each other's way (40001, 40P01): roll back and start over.
struct SerializationFailure : Error {
    using Error::Error;
};

/// The server refused the statement for another reason: a programming error.
struct StatementError : Error {
    using Error::Error;
};

/// libpqxx's exception as one of the above; others are returned as they are.
[[nodiscard]] std::exception_ptr translated(const std::exception_ptr& error);

/// The same from an SQLSTATE, five characters.
[[nodiscard]] std::exception_ptr error_of(const std::string& sqlstate, const char* message);

}  // namespace chatflow::postgres
