#include "libs/http/router.hpp"

#include "libs/http/problem.hpp"
#include "libs/http/url.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace chatflow::http {
namespace {

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// Takes the segment before the next slash from the front of `path`, which begins with a slash.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) segments.emplace_back(take_segment(path));
    return segments;
}

bool matches(const std::vector<std::string>& segments, std::string_view path) {
    for (const std::string& segment : segments) {
        if (path.empty()) return false;
        const std::string_view seen = take_segment(path);
        if (is_parameter(segment) ? seen.empty() : seen != segment) return false;
    }
    return path.empty();
}

/// Literals sort before parameters at the first place where two patterns differ.
bool goes_before(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::lexicographical_compare(a, b, {}, is_parameter, is_parameter);
}

}  // namespace

void Router::add(Method method, std::string pattern, Handler handler) {
    if (!pattern.starts_with('/')) {
        throw std::invalid_argument("route " + pattern + " must begin with a slash");
    }
    auto same = std::ranges::find(routes_, pattern, &Route::pattern);
    if (same == routes_.end()) {
        Route route{.pattern = pattern, .segments = split(pattern), .handlers = {}};
        const auto before = [&route](const Route& other) {
            return goes_before(route.segments, other.segments);
        };
        same = routes_.insert(std::ranges::find_if(routes_, before), std::move(route));
    }
    if (std::ranges::contains(same->handlers, method, &std::pair<Method, Handler>::first)) {
        throw std::invalid_argument("route " + pattern + " has a handler for " +
                                    std::string(name_of(method)) + " already");
    }
    same->handlers.emplace_back(method, std::move(handler));
}

const Router::Route* Router::match(std::string_view path) const {
    if (!path.starts_with('/')) return nullptr;  // "*" of OPTIONS
    const auto fits = [path](const Route& route) { return matches(route.segments, path); };
    const auto found = std::ranges::find_if(routes_, fits);
    return found == routes_.end() ? nullptr : &*found;
}

const Handler* Router::find(Request& request, Response& refusal) const {
    const Route* route = match(request.path);
    if (route == nullptr) {
        refusal = problem(404, "no resource has this path");
        return nullptr;
    }
    request.route = route->pattern;
    const auto handler_of = [route](Method method) -> const Handler* {
        const auto found =
            std::ranges::find(route->handlers, method, &std::pair<Method, Handler>::first);
        return found == route->handlers.end() ? nullptr : &found->second;
    };
    const Handler* handler = handler_of(request.method);
    if (handler == nullptr && request.method == Method::Head) handler = handler_of(Method::Get);
    if (handler == nullptr) {
        std::string allowed = "OPTIONS";
        for (const auto& [method, unused] : route->handlers) {
            allowed.append(", ").append(name_of(method));
        }
        refusal = request.method == Method::Options
                      ? Response{.status = 204}
                      : problem(405, "use one of the methods of the Allow header");
        refusal.headers.emplace_back("Allow", std::move(allowed));
        return nullptr;
    }
    std::string_view path = request.path;
    for (const std::string& segment : route->segments) {
        const std::string_view seen = take_segment(path);
        if (!is_parameter(segment)) continue;
        auto value = percent_decode(seen, PlusSign::Literal);
        if (!value) {
            refusal = problem(400, "the path has a % without two hexadecimal digits after it");
            return nullptr;
        }
        request.parameters.emplace_back(std::string_view(segment).substr(1, segment.size() - 2),
                                        std::move(*value));
    }
    return handler;
}

}  // namespace chatflow::http
