#include "controller/clients/sql/console.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace chatflow::sql {

namespace {

constexpr int kRowsMax = 10'000;
constexpr std::size_t kErrorTextMax = 500;

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::string line_of(const char* text) {
    std::string line = text == nullptr ? "" : text;
    while (!line.empty() && line.back() == '\n') line.pop_back();
    std::ranges::replace(line, '\n', ' ');
    if (line.size() > kErrorTextMax) line.resize(kErrorTextMax);
    return line;
}

Rows rows_of(const PGresult* result) {
    Rows rows;
    const int count = std::min(PQntuples(result), kRowsMax);
    for (int row = 0; row < count; ++row) {
        auto& columns = rows.emplace_back();
        for (int column = 0; column < PQnfields(result); ++column) {
            if (PQgetisnull(result, row, column) != 0) continue;
            columns[PQfname(result, column)] = PQgetvalue(result, row, column);
        }
    }
    return rows;
}

}  // namespace

void Console::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Console::Console(const Server& server, Deadline deadline) {
    const std::string port = std::to_string(server.port);
    // No "options": PgBouncer's console refuses most of them.
    const std::array names{"host",
                           "port",
                           "user",
                           "password",
                           "dbname",
                           "sslmode",
                           "gssencmode",
                           "application_name",
                           static_cast<const char*>(nullptr)};
    const std::array values{server.host.c_str(),
                            port.c_str(),
                            server.user.c_str(),
                            server.password.c_str(),
                            server.database.c_str(),
                            "disable",
                            "disable",
                            "chatflow-operator",
                            static_cast<const char*>(nullptr)};
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD) fail("cannot connect");
    auto state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) fail("cannot connect");
        wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, "connecting");
        state = PQconnectPoll(connection_.get());
    }
}

Rows Console::run(const std::string& statement, Deadline deadline) {
    pg_conn* const connection = connection_.get();
    if (PQsendQuery(connection, statement.c_str()) == 0) fail("cannot send");
    Rows rows;
    while (true) {
        while (PQisBusy(connection) != 0) {
            wait(POLLIN, deadline, "the statement");
            if (PQconsumeInput(connection) == 0) fail("the connection broke");
        }
        const Result result(PQgetResult(connection), &PQclear);
        if (!result) return rows;
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_TUPLES_OK) {
            rows = rows_of(result.get());
        } else if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
            throw Error(line_of(PQresultErrorMessage(result.get())));
        }
    }
}

void Console::wait(short events, Deadline deadline, const char* what) {
    using std::chrono::milliseconds;
    pollfd waited{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
    const auto left = std::chrono::ceil<milliseconds>(deadline.time_left()).count();
    const int ready = left <= 0 ? 0 : poll(&waited, 1, static_cast<int>(left));
    if (ready > 0) return;
    throw Error(fmt::format("{} took too long", what));
}

void Console::fail(const char* what) const {
    throw Error(fmt::format("{}: {}", what, line_of(PQerrorMessage(connection_.get()))));
}

}  // namespace chatflow::sql
