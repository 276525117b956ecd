#include "controller/clients/sql/console.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

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

/// A file without a place in any folder: libpq reads authorities from files alone.
class MemoryFile {
 public:
    explicit MemoryFile(const std::string& text) : file_(memfd_create("authorities", MFD_CLOEXEC)) {
        if (file_ < 0) throw Error("no memory for the authorities");
        path_ = fmt::format("/proc/self/fd/{}", file_);
        if (write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            close(file_);
            throw Error("no memory for the authorities");
        }
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { close(file_); }

    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    int file_;
    std::string path_;
};

}  // namespace

void Console::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Console::Console(const Server& server, Trust trust, Deadline deadline) {
    const bool is_verified = !server.authorities.empty() && trust == Trust::Verified;
    const MemoryFile authorities(is_verified ? server.authorities : "");
    const std::string port = std::to_string(server.port);
    // No "options": PgBouncer's console refuses most of them.
    std::vector<std::pair<const char*, const char*>> options{
        {"host", is_verified ? server.server_name.c_str() : server.host.c_str()},
        {"port", port.c_str()},
        {"user", server.user.c_str()},
        {"password", server.password.c_str()},
        {"dbname", server.database.c_str()},
        {"sslmode", is_verified              ? "verify-full"
                    : trust == Trust::Anyone ? "require"
                                             : "disable"},
        {"gssencmode", "disable"},
        {"application_name", "chatflow-operator"}};
    if (is_verified) {
        options.emplace_back("hostaddr", server.host.c_str());
        options.emplace_back("sslrootcert", authorities.path().c_str());
    }
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : options) {
        names.push_back(name);
        values.push_back(value);
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
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

std::string Console::certificate() const {
    auto* const session = static_cast<SSL*>(PQsslStruct(connection_.get(), "OpenSSL"));
    const X509* const shown = session == nullptr ? nullptr : SSL_get0_peer_certificate(session);
    if (shown == nullptr) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
    if (!text || PEM_write_bio_X509(text.get(), shown) != 1) return {};
    char* begin = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &begin);
    return {begin, static_cast<std::size_t>(size)};
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
