#include "controller/clients/http_transport.hpp"

#include <algorithm>

namespace chatflow::clients {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

const std::string* find_header(const HttpHeaders& headers, std::string_view name) {
    const auto same = [name](const HttpHeader& header) {
        return std::ranges::equal(header.name, name, {}, lower, lower);
    };
    const auto found = std::ranges::find_if(headers, same);
    return found == headers.end() ? nullptr : &found->value;
}

}  // namespace chatflow::clients
