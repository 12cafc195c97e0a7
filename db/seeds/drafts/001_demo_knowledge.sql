-- What the demo desk knows: the documents that its drafts cite, with their passages. Safe to run again. Written by
-- tests/control_plane/apps/drafts/demo_knowledge.py.

select drafts.put_document(
  '11111111-1111-4111-8111-111111111111',
  d.document || jsonb_build_object('next_refresh_at', now() + interval '6 days'), now() - interval '1 day'
)
from (values
  ('{
 "source_url": "https://help.acme.example/shipping",
 "kind": "page",
 "title": "Shipping times",
 "hash": "4ea15853ee2d1930bc7ffb4c2a14e818d30fbf9994736772da9bafa624f99d3a",
 "text": "An order leaves our warehouse within one working day. The parcel then takes two to four working days.\n\nBulk orders\n\nOrders of more than 50 pieces, such as bolts, arrive on a pallet. The carrier calls you one day before the delivery.",
 "language": "en",
 "metadata": {},
 "chunks": [
  {
   "heading": "Shipping times",
   "text": "An order leaves our warehouse within one working day. The parcel then takes two to four working days.",
   "embedding": "232eb6296baa022d36af17ad61ab5c2bd32b38ace623e32ef5a675ad9024feaf902d502c5929bf2ba7a6f69c6fa1aa2b93a32430b3b08a2a6cac54a71c9e5026952c602d2b25a622f12837b01927472c7f2ad9ac402505ad702ec6ad02b0372770299e25d32b3e23a0aa15a853a77e30fb26c32f35a90f14289ca4addeaad0aeafab12ace2a60e28732c35aa832c26273431dda839a4552b14a7caa8b426bcab67ab392545ae85accf2491a24da6e62ecf282429472411a88da9682c88ad132ec713dbad14a60b2229b0eb997ea8f125aca1fa1e402be128c81f8a21cca4a528ffa90ba55babe1a88fae23a883282ea805a37c94b6a7f72a20a6c9250bb0baac6aa768a9f2ae2da71329602e359d8d28d7adfda2402ca12db5a4ada82d1bed2985a88b2083aeb5acb8ad712680ada229ff299eaefe27bc29b02d26b04c3069a00f2e41a9451cd1a85bb022b0d7aa5a243a27b12d0c2f70a8b6aa55231023dfa6479a442c2e2c4e2752285329462cfbac78a92d2640298826af2d1bac6d2ecca267aa85aedaae012de4312198dba8c3acce289129d01c01a82b28b0aa34a9c42ca0acea2c89a9472a8e2829a7edacdd2d9e2a03a90c191399b32a69a5e51e6eadeea878ad062da323f9a9ad2370283e255ba92ba50524eca87badd41cfaadffa164a337a1aba6fb2454ab6a9e3d947c0e222fcda3912c382e9d266e1cb728eb2c",
   "signature": "d1b2f151fba9f1d01b9249e5917d02140d3345baa1e67e7a18e959aa372411bf"
  },
  {
   "heading": "Shipping times – Bulk orders",
   "text": "Orders of more than 50 pieces, such as bolts, arrive on a pallet. The carrier calls you one day before the delivery.",
   "embedding": "2f28e32b92aa10313ca3dbad0eac722ceb279a9e662af92084267cae78aba9adef2c9fa4fbab37a64726b82d4cae7b22582971308e1549a468ac512e52a399a40b2c85ad12a59a2fc29891b25ead1d1b4a2beab00c8d7aaf5dacdeaeabaa5ba3cca9471c8329d42472275c255aad462d9ba361285ca5942c212a33adb3ab3cb096228aa427271d253a2b07b0b92ce9229631acae84a6cf2d4c241fa03c277aaac6a18caa9f251d2119280f22f79dfa2aaa2ba92b01276c29b52c58228fafb6a86c2be7b00aad27a1d324122882ac03298ba6a42c8b262b2bcea339280f30eea6bdadae24192856aa2aaeccb08e2efcaee12b9ea56ba725226b2a5320f7acd5ac8628f1a47fac25a5a7ae5428d12253ad5caae628b2ac582d4529412ce0b051aa8e1eec2721ab1aa63dad352afd248ca82f2332b02f213dab1e18fead9d2dcba9109d7f2902ac502db42bf59c3da9412324abca2c2cab4419fcad192c692a93b02da0bf9c9022c92df72e7aac5c1dc7a8dda523a1412b362dae2a2fa68226b827621368af61275daa65a176aa6da6e5a3099f66a3aaa713a552ac1f268ea546a6372cf427a2afd51c011c53a90fa9fd2b6b2c0ba4aba9feaa08a0a229fca70ca9722827add82dc8a8f1a05e26e21d5f2df417c327aa24ce281bacdd2ce12ad0ac652c4da278adfe2d45ad1c23eb1d2ba6902ccc29322b0e25e49a43a5db17cc2b",
   "signature": "d1b88de491807d58bb9a3dfc8d76629c865cc6aa59563a3ba004d984a7f696f3"
  }
 ]
}'::jsonb),
  ('{
 "source_url": "https://help.acme.example/tracking",
 "kind": "page",
 "title": "Track an order",
 "hash": "e9fa3ab428429f116cdd0493fd37bfbf40e6155f66273c6acd0517ea7425f7a8",
 "text": "When your order leaves our warehouse, you receive a mail with the tracking number. The page of the carrier shows where the parcel is and when it will arrive.",
 "language": "en",
 "metadata": {},
 "chunks": [
  {
   "heading": "Track an order",
   "text": "When your order leaves our warehouse, you receive a mail with the tracking number. The page of the carrier shows where the parcel is and when it will arrive.",
   "embedding": "be2c562a46ade22d1bac1ca9309cd025e92dd6afb530b32c7d26efadfc2185a8b22c0ca2bfa4bf26291824acdcac08ad662c012efdad2bacedac212cfba02bab99a52628b529db28f82649ae002cf829fc2d12b1652945ae7724aba5cab19f2e19a5522cb526492ff91863a3c8afc930d2a98d2efdaec6285f28d7aaac256ba42e25fa9f2d290b24282c7cafe32df0a69d2d912362aa71a42ea854b0522d69a17da9fd1d37ac7ca27b24b7a9bba36822ed2a3d2abca3aba843aade1e14a59925342d61aeeba45ea8b0ab3019c6a5ccaa89280430619d132c1aa87a2d9c2af0255bb1d72e7fac23a52db158abfc2b32acad25c3ab5eac0e235eacf3a1a6ae0226702da7a7c2aadaa07a1d46203da2e0a7d8b0a9a2f2ab522f87206da9a7a0049c78ab6c2f7cad08aefba7d421e9aec0a052a224b0fc9fb22015a7cfad793093a4c0a6d3a952a70ca5fb9d66a8d9a9872259a96e2c8e292b2527ae732a3b2a30ac38aa3428b0269aa08b2578a4e8a88b25cc9d0420012d74255e3197ac04246eab3417c3ac052a7aa7532b29a920a0fea348a40f27d829662c372550a9461a12a449acf59c74ae9d29ba8ec49b37233d278629df246fa7fba9ad2bc92d3d2a62a2501b2db0772b39a8a6a864217f22b51df0a717a018214e2350ab9a23411674ab602fbbab76acb92a16afa6233b2a32afbc2b8724cb2c362dd3ab3f2a88249720",
   "signature": "d1ba98c47ba9795abac249c584d742918c1844120176697aa87a13cea73696f7"
  }
 ]
}'::jsonb),
  ('{
 "source_url": "https://help.acme.example/returns",
 "kind": "page",
 "title": "Returns",
 "hash": "1b90aab3e8dec39f036cfbf493877d373539bd95bab7823e711d0788134ad4ed",
 "text": "Parts that do not fit may be sent back within 30 days. Print the label in your account: we pay for the parcel.\n\nRefunds\n\nThe money is on your account five working days after the parcel has arrived here.",
 "language": "en",
 "metadata": {},
 "chunks": [
  {
   "heading": "Returns",
   "text": "Parts that do not fit may be sent back within 30 days. Print the label in your account: we pay for the parcel.",
   "embedding": "c52fae29aab0d4abb4ae9e284121b92f0b2e9fa6bb2e752cefab7eb0412e68ac40a891a26227542d0c240bad42a64c2a67ac102d7eae08ac88a96a305b248da5bd2c522b682ae72a9420e8abbb23862d5f2c19a690a8a5ab1f2b832480adbc31dd97c021b32c552e44aed4ac73acf52e81acbe2938afb12f0824a1217eaeeba2eca792acc0a8a12c221d59241225ceaba52a889f0ca5012166a794aa1919601709ac33a55fa8972f432169ad7f2aa7ab592d48a3c42393284ca7caaaaeab17217aa05da7e1ac7aa9bcb0c6ac81a575aeb625602892292aa8892f222f652d382a00adea2b2f28352a7aa70c2e9aadb7ae1627d41a132db21f84aed1aa03a7fc81ca2537ae5aabbdaacaa6d524a22c472954ac872d9eaccb27892184aa12aeda2031a5209ff2a32fa9cba985a295adbc2c7dabddaebd20202d84aca42663a489adf0a8e4aad32c33acd7ab29280e9d4229f91c8a285a29f8aba2ad3f2e7ba298acf9258125953089ab9ca6932a6ba815a126a0562f87a4a7a9b228ee93a62c0dad62a401ace4a7a52ebc3061a62cac2ea71a285d2470a94f0c3b29242a872beca29ea67ea563a22e2256ac692612ab4f9df7a87827cf2c0ba5022a8e28a2a819b0b72ae0ab0c301321a7adbc1d56aa08ad862a2fa470252d237f25f12b15a614a77aa4ecaf53ab8f257babf0a848ac8eac7e2cbfac612ad129bbab281b829d3821",
   "signature": "c7b23946fb8d715c1e931ab100ef74f08759013425e4e44a18de146cb4bc10b5"
  },
  {
   "heading": "Returns – Refunds",
   "text": "The money is on your account five working days after the parcel has arrived here.",
   "embedding": "4632a62d27b05f2531b2bda6a11fda2d5f2dd8a5262db2a4a7b074af142378b08b2984ac1e2dae25ad28eaa03ca60425e2a2c22857aebbad379de430c420dcaa4f28f82bb81fd69d901e6bad5b29362eb62317ad3824ab9d5a2ba0ae30b0f9289328ad2bd22ab723a19e87ac64af1f2eca16792c21ab68244ba885a941a7caa77923f5adcd23f42907a8f5163128d6a8252935a84ea29fa637aa55a730a148ae11b09ba620a5e82b95a147a59fac8b803b2dcfa68125a12e162081aa59ab21284aaa0e2983ab1fac9db106a922a07ea735ac7925f4269a2eba29762c14987b24c9a755ad1399032d5dae5b1d83af93ac962d6029dc2c7b2cb0abb0a9b9ac6da87eac0ead3caf7513ebadfd23f72805ab09b012ac25ac811b20ad8da60bae1a284fa5c81ffeac24af6ba68a2d9e24562dff2359aa4c2c4d2c25ac1fad19272fac4a994dae7529acab60af2fa76320ac207a254820cf2af4aad4af082ea6a531ac5c1c042b302d37a0a827212b47a26a9cb1a3642ab829f5a1eaa6932c7c2d09ae9ea609acdca3f22ede2f71ab79265fa110a518259ca9cca82e258aab4c299b999b9e992b56ad2a29efaa8828e1ac699f2529012d112de31c6925cf9ebc2a36adab2286a64c2f5a2708ae862b31aad1a8acaa39a5f6ad08270ea1b92aaea69ea4db2a49a40cac62ab35aee72043a8d3a4f026c7aa7525c72e688700a06224cd1f",
   "signature": "d3a2b946eba9f1d0b68010b9407d14f0161147b223e4ec661a4a54fab41484b3"
  }
 ]
}'::jsonb),
  ('{
 "source_url": "https://help.acme.example/warranty",
 "kind": "page",
 "title": "Warranty",
 "hash": "bef54f9b317aece1519083094eeb55aafed27fd572d3060b046e9a6cbd442463",
 "text": "The arm R2 and its grippers have a warranty of 24 months from the day of the invoice. Send us the serial number, and we repair the arm for free.",
 "language": "en",
 "metadata": {},
 "chunks": [
  {
   "heading": "Warranty",
   "text": "The arm R2 and its grippers have a warranty of 24 months from the day of the invoice. Send us the serial number, and we repair the arm for free.",
   "embedding": "b929712505217027742e881e1c29a0b0e9a9c52bfa2deb211fac6cabecb012ad96a757a83f2c3827632a55aaf8ae2c2720a6f02e21b31eaf692b9d2f4b321321cf2aa82f3828439c4c3116b1e124a82419aa3826ca9d972b2925f9ab06aa8526692eabacb9a738286dacb9ad03aa4b2b0d24792c461c7121ab30b727bfafc39f812c8c2a1327d028eb28db223d287eab62319cab992a6c2d2128092c12a81524dfabab2de9b081a7c91eb09c67a8f9a8552c7524382520272b9ef7a926a12da849ada926e92446a533a15ead3c2718aff322132a6a2ee02ba22c96ac2bab9f28ca28be272a28632dfd26dfa856ac2d29262c8da3ae26c4228bae8d9f1aae64aa38ad0728a523a39c6c264c289c21479b36a7122c4aae642b88a0a2a8dd1811246fa007abb79c2fa6ddb0511c2aab46165e2b9dac36acc8ae982706a4a62c1da708aed32a63a9fdab27ae0c261da0b82db3297ca73227ebac4c20bdade2890aa85aac312bc32f0f282c29152b37234ea71daa91ab722ba923ec9bb425a22fefa804a4502e25ac08aace279aa5da1ed31b3da36528202821a4472e35a261a790286923d524632982acb41f6c2bd0a404ad8e28412a342a16256e2b782119aac3a15e9d1ea74223ce26f219f62f47a097abfe22e2228aaa3f2a6d2b622037ac54a49eab14abb830a6295ca996ad7eb040a9c42a7528ad2816a137adb5ac1a242729",
   "signature": "fe70394feb5991fcfebd48f062f9f9b06e53058a45a87e364b69ecfc3cdc30e3"
  }
 ]
}'::jsonb)
) as d (document);
