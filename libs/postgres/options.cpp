#include "libs/postgres/options.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace chatflow::postgres {
namespace {

std::string in_quotes(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

std::string password_of(const Options& options) {
    if (options.password_file.empty()) return options.password;
    std::ifstream file(options.password_file);
    if (!file) throw std::runtime_error("cannot read " + options.password_file);
    std::string password{std::istreambuf_iterator<char>(file), {}};
    while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
    return password;
}

}  // namespace

std::string connection_string(const Options& options) {
    std::string text = "host=" + in_quotes(options.host);
    text += " port=" + std::to_string(options.port);
    text += " dbname=" + in_quotes(options.database) + " user=" + in_quotes(options.user);
    const std::string password = password_of(options);
    if (!password.empty()) text += " password=" + in_quotes(password);
    text += " sslmode=" + in_quotes(options.ssl_mode);
    text += " application_name=" + in_quotes(options.application_name);
    text += " connect_timeout=" + std::to_string(options.connect_timeout.count());
    // A peer that vanished is noticed after 10 + 3 * 5 s, with unacknowledged data after 10 s.
    text += " keepalives_idle=10 keepalives_interval=5 keepalives_count=3 tcp_user_timeout=10000";
    return text;
}

}  // namespace chatflow::postgres
