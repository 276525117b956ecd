#include "libs/http/request.hpp"

#include "libs/http/ascii.hpp"
#include "libs/http/url.hpp"

namespace chatflow::http {

std::string_view name_of(Method method) {
    switch (method) {
        case Method::Get:
            return "GET";
        case Method::Head:
            return "HEAD";
        case Method::Post:
            return "POST";
        case Method::Put:
            return "PUT";
        case Method::Patch:
            return "PATCH";
        case Method::Delete:
            return "DELETE";
        case Method::Options:
            return "OPTIONS";
        case Method::Trace:
            return "TRACE";
    }
    return "GET";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const HeaderView& header : headers) {
        if (equal_ignoring_case(header.name, name)) return header.value;
    }
    return std::nullopt;
}

std::string Request::list(std::string_view name) const {
    std::string values;
    for (const HeaderView& header : headers) {
        if (!equal_ignoring_case(header.name, name)) continue;
        if (!values.empty()) values += ", ";
        values += header.value;
    }
    return values;
}

std::string_view Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return {};
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        const auto equals = pair.find('=');
        if (percent_decode(pair.substr(0, equals), PlusSign::MeansSpace) != name) continue;
        if (equals == std::string_view::npos) return std::string{};
        return percent_decode(pair.substr(equals + 1), PlusSign::MeansSpace);
    }
    return std::nullopt;
}

bool Request::has_media_type(std::string_view media_type) const {
    const auto value = header("content-type");
    if (!value) return false;
    return equal_ignoring_case(trimmed(value->substr(0, value->find(';'))), media_type);
}

}  // namespace chatflow::http
