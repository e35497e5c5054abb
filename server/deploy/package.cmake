# The Debian package: cpack -G DEB. What readers get of the options is printed by plenum-manual, from their table.
add_executable(plenum-manual deploy/manual.c)
target_link_libraries(plenum-manual PRIVATE server_cmd server_exchange server_store server_auth server_base proto)

set(PACKED ${CMAKE_CURRENT_BINARY_DIR}/packed)
file(MAKE_DIRECTORY ${PACKED})
add_custom_command(
  OUTPUT ${PACKED}/plenum.1.gz ${PACKED}/plenum.conf ${PACKED}/changelog.gz
  COMMAND plenum-manual man ${PROJECT_VERSION} > ${PACKED}/plenum.1
  COMMAND gzip -9nkf ${PACKED}/plenum.1
  COMMAND plenum-manual conf > ${PACKED}/plenum.conf
  COMMAND gzip -9nc ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/changelog > ${PACKED}/changelog.gz
  DEPENDS plenum-manual deploy/debian/changelog
  VERBATIM)
add_custom_target(plenum-packed ALL DEPENDS ${PACKED}/plenum.1.gz ${PACKED}/plenum.conf ${PACKED}/changelog.gz)

set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
install(TARGETS plenum DESTINATION bin)
install(FILES ${PACKED}/plenum.1.gz DESTINATION share/man/man1)
install(FILES ${PACKED}/plenum.conf DESTINATION /etc/plenum)
install(FILES deploy/plenum.service DESTINATION /lib/systemd/system)
install(FILES ${PACKED}/changelog.gz deploy/debian/copyright DESTINATION share/doc/plenum)
install(FILES deploy/Caddyfile deploy/nginx.conf deploy/haproxy.cfg DESTINATION share/doc/plenum/examples)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME plenum)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Plenum authors <maintainers@plenum.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "real-time whiteboard for teams that you host yourself")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "People open a link, type a name, and write stickies, arrange frames
and edit text together, hundreds at a time. One program, one data folder, no
accounts: what is said to be saved survives a crash and a power cut.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libwebsockets loads its event library when it runs: no tool sees that.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libwebsockets-evlib-uv, adduser")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/conffiles
  ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postinst
  ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
