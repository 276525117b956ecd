#pragma once

#include <string>
#include <string_view>

namespace chatflow::kube {

/// "?limit=500&labelSelector=app%3Dchat", or nothing at all. Empty values are left out.
class Query {
 public:
    Query& add(std::string_view name, std::string_view value);

    [[nodiscard]] const std::string& text() const { return text_; }

 private:
    std::string text_;
};

}  // namespace chatflow::kube
