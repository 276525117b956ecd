#include "controller/domain/postgres/pooler_view.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace chatflow::postgres {

namespace {

// # pxname,svname,…,status is the 18th column.
constexpr std::size_t kStatusColumn = 17;
// A pool that tells more than this is not believed: sums stay within what JSON keeps exact.
constexpr std::int64_t kCountMax = 1'000'000'000;

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::int64_t number(const std::map<std::string, std::string>& row, const char* column) {
    const auto found = row.find(column);
    if (found == row.end()) return 0;
    std::int64_t value = 0;
    const char* const end = found->second.data() + found->second.size();
    const auto [stop, error] = std::from_chars(found->second.data(), end, value);
    return error == std::errc{} && stop == end ? std::clamp<std::int64_t>(value, 0, kCountMax) : 0;
}

std::string text(const std::map<std::string, std::string>& row, const char* column) {
    const auto found = row.find(column);
    return found == row.end() ? "" : found->second;
}

}  // namespace

bool is_paused(const ConsoleRows& state) {
    return std::ranges::any_of(state, [](const auto& row) {
        return text(row, "key") == "paused" && text(row, "value") == "yes";
    });
}

api::PostgresPoolerStatus pooler_status(const std::vector<PoolerAnswer>& answers) {
    api::PostgresPoolerStatus status;
    for (const PoolerAnswer& answer : answers) {
        ++status.ready;
        if (is_paused(answer.state)) ++status.paused;
        for (const auto& pool : answer.pools) {
            if (text(pool, "database") == "pgbouncer") continue;  // the console itself
            status.clients_active += number(pool, "cl_active");
            status.clients_waiting += number(pool, "cl_waiting");
            status.servers += number(pool, "sv_active") + number(pool, "sv_idle") +
                              number(pool, "sv_used") + number(pool, "sv_login");
            const std::int64_t wait =
                number(pool, "maxwait") * 1000 + number(pool, "maxwait_us") / 1000;
            status.max_wait_ms = std::max(status.max_wait_ms, wait);
        }
    }
    return status;
}

std::vector<std::string> servers_up(std::string_view csv) {
    std::vector<std::string> up;
    for (const std::string_view line : split(csv, '\n')) {
        const auto columns = split(line, ',');
        if (columns.size() <= kStatusColumn || columns[0] != "primary") continue;
        if (columns[1] == "FRONTEND" || columns[1] == "BACKEND") continue;
        if (columns[kStatusColumn].starts_with("UP")) up.emplace_back(columns[1]);
    }
    return up;
}

}  // namespace chatflow::postgres
